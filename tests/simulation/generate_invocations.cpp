#include <fmt/format.h>

#include "generator.hpp"

namespace rockwatch::simulation {

namespace {

constexpr const char* titan = "amazon.titan-text-express-v1";
constexpr const char* haiku = "anthropic.claude-3-haiku-20240307-v1:0";

std::string prompt(Luck& luck) {
    return fmt::format("{} {}", luck.one_of({"Hello", "refund", "weather"}), luck.below(3));
}

Json converse(const std::string& model, const std::string& text) {
    Json input{{"modelId", model}, {"messages", Json::array()}, {"inferenceConfig", {{"maxTokens", 64}}}};
    if (text.empty()) return input;
    input["messages"].push_back({{"role", "user"}, {"content", Json::array({{{"text", text}}})}});
    return input;
}

Json native(const std::string& text) {
    return {{"modelId", titan},
            {"body", {{"inputText", text}, {"textGenerationConfig", {{"maxTokenCount", 64}}}}}};
}

}  // namespace

void CallMaker::invocations() {
    const std::uint64_t draw = luck.below(100);
    if (draw < 20) {  // one prompt through all doors
        const std::string text = prompt(luck);
        const std::uint64_t mark = luck.below(1'000'000);
        for (const char* door :
             {"Converse", "ConverseStream", "InvokeModel", "InvokeModelWithResponseStream"}) {
            add("bedrock-runtime", door, door[0] == 'C' ? converse(titan, text) : native(text));
            steps.back()["doors"] = mark;
        }
    } else {
        const bool is_native = draw < 45;
        const bool streamed = luck.percent(40);
        const std::string text = luck.percent(4) && !is_native ? "" : prompt(luck);
        if (is_native)
            add("bedrock-runtime", streamed ? "InvokeModelWithResponseStream" : "InvokeModel", native(text));
        else
            add("bedrock-runtime", streamed ? "ConverseStream" : "Converse",
                converse(luck.percent(60) ? titan : haiku, text));
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
