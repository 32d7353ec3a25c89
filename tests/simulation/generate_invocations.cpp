#include <fmt/format.h>

#include "generator.hpp"

namespace rockwatch::simulation {

namespace {

std::string prompt(Luck& luck) {
    return fmt::format("{} {}", luck.one_of({"Hello", "refund", "weather"}), luck.below(3));
}

}  // namespace

/// Without a prompt: a mistake.
void CallMaker::converse(const std::string& model, bool streamed, const std::string& text,
                         std::optional<std::int64_t> max_tokens) {
    Json input{{"modelId", model}, {"messages", Json::array()}};
    if (max_tokens) input["inferenceConfig"] = {{"maxTokens", *max_tokens}};
    if (!text.empty())
        input["messages"].push_back({{"role", "user"}, {"content", Json::array({{{"text", text}}})}});
    add("bedrock-runtime", streamed ? "ConverseStream" : "Converse", std::move(input));
}

/// Titan's native door.
void CallMaker::invoke_titan(bool streamed, const std::string& text, std::optional<std::int64_t> max_tokens) {
    Json body{{"inputText", text}};
    if (max_tokens) body["textGenerationConfig"] = {{"maxTokenCount", *max_tokens}};
    add("bedrock-runtime", streamed ? "InvokeModelWithResponseStream" : "InvokeModel",
        {{"modelId", titan}, {"body", std::move(body)}});
}

void CallMaker::invocations() {
    const std::uint64_t draw = luck.below(100);
    if (draw < 20) {  // one prompt through all doors
        const std::string text = prompt(luck);
        const std::uint64_t mark = luck.below(1'000'000);
        for (const bool streamed : {false, true}) {
            converse(titan, streamed, text);
            steps.back()["doors"] = mark;
            invoke_titan(streamed, text);
            steps.back()["doors"] = mark;
        }
    } else {
        const bool is_native = draw < 45;
        const bool streamed = luck.percent(40);
        const std::string text = luck.percent(4) && !is_native ? "" : prompt(luck);
        if (is_native)
            invoke_titan(streamed, text);
        else
            converse(luck.one_of({titan, titan, titan, haiku, haiku, young_haiku}), streamed, text);
    }
}

void CallMaker::logging_config() {
    if (luck.percent(20)) {
        add("bedrock", "DeleteModelInvocationLoggingConfiguration", Json::object());
        return;
    }
    add("bedrock", "PutModelInvocationLoggingConfiguration",
        {{"loggingConfig",
          {{"cloudWatchConfig",
            {{"logGroupName", luck.name("g", 3)},
             {"roleArn", fmt::format("arn:aws:iam::{}:role/Logging", owner_at(who).account)}}}}}});
}

void CallMaker::rules() {
    const std::string id = fmt::format("r{}-{}", theme == Theme::isolated ? who : 0, luck.below(4));
    if (luck.percent(30)) {
        steps.push_back({{"do", "unrule"}, {"who", who}, {"id", id}});
        return;
    }
    Json rule{{"id", id}, {"match", Json::object()}};
    if (theme == Theme::isolated || luck.percent(20)) {
        rule["match"]["account"] = owner_at(who).account;
        rule["match"]["region"] = owner_at(who).region;
    }
    if (luck.percent(40)) rule["match"]["modelId"] = luck.one_of({titan, "amazon.*", "anthropic.*"});
    if (luck.percent(20))
        rule["match"]["operation"] = luck.one_of({"Converse", "ConverseStream", "InvokeModel"});
    if (luck.percent(30)) rule["match"]["prompt"] = luck.one_of({"refund", "weather"});
    if (luck.percent(30)) rule["when"]["calls"] = luck.one_of({"1", "2-3", "2-", "-2"});
    if (luck.percent(50)) rule["latency"] = luck.below(5000);
    if (luck.percent(50)) rule["respond"] = {{"text", luck.name("canned answer ", 9)}};
    if (luck.percent(30)) {
        rule["stream"] = {{"tokensPerChunk", 1 + luck.below(4)},
                          {"firstTokenMs", luck.below(300)},
                          {"interTokenMs", luck.below(50)}};
    }
    const bool empty = !rule.contains("latency") && !rule.contains("respond") && !rule.contains("stream");
    if (empty || luck.percent(15)) {
        rule["error"] = {
            {"name", luck.one_of({"ThrottlingException", "InternalServerException", "InternalServerException",
                                  "ServiceUnavailableException", "AccessDeniedException"})}};
        if (luck.percent(60) && rule["error"]["name"] == "InternalServerException")
            rule["error"]["afterChunks"] = luck.below(3);
    }
    steps.push_back({{"do", "rule"}, {"who", who}, {"rule", rule}});
}

}  // namespace rockwatch::simulation
