#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "runtime_world.hpp"
#include "services/bedrock_runtime/invocation_metrics.hpp"
#include "services/bedrock_runtime/invocation_record.hpp"
#include "services/bedrock_runtime/png.hpp"
#include "support/catch.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

const Json canned = {{"latency", 212},
                     {"respond", {{"text", "Hello!"}, {"usage", {{"inputTokens", 1}, {"outputTokens", 8}}}}}};

bool has_bodies(const Json& record) {
    return record.at("input").contains("inputBodyJson") && record.at("output").contains("outputBodyJson");
}

}  // namespace

TEST_CASE("a record is one line of JSON in Bedrock's order", "[runtime][record]") {
    RuntimeWorld world;
    world.book.add(canned);
    Json input = converse_input("us." + haiku, "hi");
    input["inferenceConfig"] = {{"maxTokens", 64}};
    input["requestMetadata"] = {{"team", "search"}};
    world.play("Converse", input);
    CHECK(world.logs.place == "123456789012/us-east-1/bedrock/aws/bedrock/modelinvocations");
    REQUIRE(world.logs.lines.size() == 1);
    CHECK(
        world.logs.lines[0].message ==
        R"({"timestamp":"2026-01-01T00:00:00Z","accountId":"123456789012","region":"us-east-1","requestId":"7e000000-0000-4000-8000-000000000001",)"
        R"("operation":"Converse","modelId":"us.anthropic.claude-3-haiku-20240307-v1:0",)"
        R"("input":{"inputContentType":"application/json","inputBodyJson":{"inferenceConfig":{"maxTokens":64},"messages":[{"content":[{"text":"hi"}],"role":"user"}],)"
        R"("requestMetadata":{"team":"search"}},"inputTokenCount":1},)"
        R"("output":{"outputContentType":"application/json","outputBodyJson":{"output":{"message":{"role":"assistant","content":[{"text":"Hello!"}]}},)"
        R"("stopReason":"end_turn","metrics":{"latencyMs":212},"usage":{"inputTokens":1,"outputTokens":8,"totalTokens":9}},"outputTokenCount":8},)"
        R"("identity":{"arn":"arn:aws:iam::123456789012:root"},"inferenceRegion":"us-west-2","requestMetadata":{"team":"search"},)"
        R"("schemaType":"ModelInvocationLog","schemaVersion":"1.0"})");
}

TEST_CASE("ConverseStream is logged as the assembled answer of Converse", "[runtime][record]") {
    RuntimeWorld world;
    world.book.add(canned);
    world.play("Converse", converse_input(haiku, "hi"));
    const Json whole = world.last_record().at("output");
    world.play("ConverseStream", converse_input(haiku, "hi"));
    CHECK(world.last_record().at("output") == whole);
}

TEST_CASE("InvokeModel is logged with the bodies as they went over the wire", "[runtime][record]") {
    RuntimeWorld world;
    world.book.add(canned);
    world.play_native(
        "InvokeModel", titan,
        "{ \"inputText\" : \"a \\\" b\",\n \"textGenerationConfig\": {\"topP\": 0.9, \"temperature\": 0} }");
    CHECK(
        world.logs.lines.back().message.find(
            R"("inputBodyJson":{"inputText":"a \" b","textGenerationConfig":{"topP":0.9,"temperature":0}})") !=
        std::string::npos);
    CHECK(world.last_record().at("output").at("outputBodyJson").at("results").at(0).at("outputText") ==
          "Hello!");
    world.play_native("InvokeModelWithResponseStream", titan, R"({"inputText":"a"})");
    const Json chunks = world.last_record().at("output").at("outputBodyJson");
    REQUIRE(chunks.is_array());
    CHECK(chunks.back().at("amazon-bedrock-invocationMetrics").at("invocationLatency") == 212);
}

TEST_CASE("a failed call is logged with its error and empty input and output", "[runtime][record]") {
    RuntimeWorld world;
    world.book.add({{"error", {{"name", "ResourceNotFoundException"}}}});
    world.play("Converse", converse_input(haiku, "hi"));
    CHECK(
        world.logs.lines.back().message ==
        R"({"timestamp":"2026-01-01T00:00:00Z","accountId":"123456789012","region":"us-east-1","requestId":"7e000000-0000-4000-8000-000000000001",)"
        R"("operation":"Converse","modelId":"anthropic.claude-3-haiku-20240307-v1:0","errorCode":"ResourceNotFoundException","input":{},"output":{},)"
        R"("identity":{"arn":"arn:aws:iam::123456789012:root"},"schemaType":"ModelInvocationLog","schemaVersion":"1.0"})");
}

TEST_CASE("a call that the gateway refused is logged and counted", "[runtime][record]") {
    RuntimeWorld world;
    world.runtime.failed_before("Converse", world.caller, titan,
                                ServiceError("ValidationException", "1 validation error detected"),
                                world.clock.now());
    CHECK(world.last_record().at("errorCode") == "ValidationException");
    CHECK(world.metrics.values("InvocationClientErrors", titan) == std::vector<double>{1});
    world.runtime.failed_before("CountTokens", world.caller, titan, ServiceError("ValidationException", ""),
                                world.clock.now());
    CHECK(world.logs.lines.size() == 1);
}

TEST_CASE("what the emulator itself does not support is neither logged nor counted", "[runtime][record]") {
    RuntimeWorld world;
    world.play_native("InvokeModel", "acme.writer-v1", R"({"message":"hi"})");
    CHECK(world.logs.lines.empty());
    CHECK(world.metrics.points.empty());
}

TEST_CASE("the text switch decides about bodies, the embedding switch about those of embedding models",
          "[runtime][record]") {
    struct Row {
        std::string model;
        LoggingConfig config;
        bool logged;
    };
    const auto only = [](auto member) {
        LoggingConfig config{.log_group = "g",
                             .text = false,
                             .image = false,
                             .embedding = false,
                             .video = false,
                             .audio = false};
        if (member != nullptr) config.*member = true;
        return config;
    };
    constexpr bool LoggingConfig::*none = nullptr;
    const auto row =
        GENERATE_COPY(values<Row>({{haiku, only(&LoggingConfig::text), true},
                                   {haiku, only(none), false},
                                   {haiku, only(&LoggingConfig::image), false},
                                   {haiku, only(&LoggingConfig::video), false},
                                   {titan, only(&LoggingConfig::image), false},
                                   {"amazon.titan-embed-text-v1", only(&LoggingConfig::text), false},
                                   {"amazon.titan-embed-text-v1", only(&LoggingConfig::embedding), true}}));
    RuntimeWorld world;
    world.logging.config = row.config;
    row.model.find("embed") != std::string::npos
        ? world.play_native("InvokeModel", row.model, R"({"inputText":"a"})")
        : world.play("Converse", converse_input(row.model, "hi"));
    const Json record = world.last_record();
    CHECK(has_bodies(record) == row.logged);
    CHECK(record.at("input").at("inputTokenCount") == 1);
}

TEST_CASE("an embedding model that takes images needs the image and the text switch as well",
          "[runtime][record]") {
    const std::string input = GENERATE(R"({"inputText":"a"})", R"({"inputImage":"PICTURE"})");
    std::string body = input;
    if (const auto at = body.find("PICTURE"); at != std::string::npos)
        body.replace(at, 7, base64_encode(drawn_png({.size = {64, 64}})));
    const auto logged_without = [&](bool LoggingConfig::*off) {
        RuntimeWorld world;
        if (off != nullptr) (*world.logging.config).*off = false;
        world.play_native("InvokeModel", "amazon.titan-embed-image-v1", body);
        const Json record = world.last_record();
        CHECK(record.at("input").contains("inputTokenCount"));
        if (has_bodies(record)) CHECK(record.at("input").at("inputBodyJson") == parse_json(body));
        return has_bodies(record);
    };
    CHECK(logged_without(nullptr));
    CHECK_FALSE(logged_without(&LoggingConfig::embedding));
    CHECK_FALSE(logged_without(&LoggingConfig::image));
    CHECK_FALSE(logged_without(&LoggingConfig::text));
    CHECK(logged_without(&LoggingConfig::video));
}

TEST_CASE("a native body that holds an image needs the image switch, wherever it stands",
          "[runtime][record]") {
    const Json text = {{"type", "text"}, {"text", "hi"}};
    const Json image = {{"type", "image"},
                        {"source", {{"type", "base64"}, {"media_type", "image/png"}, {"data", "AAAA"}}}};
    const Json result = {
        {"type", "tool_result"}, {"tool_use_id", "toolu_1"}, {"content", Json::array({image})}};
    const auto logged = [](const Json& block, bool images) {
        RuntimeWorld world;
        world.logging.config->image = images;
        const Json body = {
            {"anthropic_version", "bedrock-2023-05-31"},
            {"max_tokens", 5},
            {"messages", Json::array({Json{{"role", "user"}, {"content", Json::array({block})}}})}};
        const ReplyPlan plan = world.play_native("InvokeModel", haiku, body.dump());
        if (plan.error) FAIL(plan.error->message);
        return has_bodies(world.last_record());
    };
    CHECK(logged(text, false));
    CHECK_FALSE(logged(image, false));
    CHECK(logged(image, true));
    CHECK_FALSE(logged(result, false));
    CHECK(logged(result, true));
}

TEST_CASE("a body above a hundred kilobytes is left out, the other one and the counts stay",
          "[runtime][record]") {
    RuntimeWorld world;
    world.book.add(canned);
    // 66 bytes stand around the prompt.
    world.play("Converse", converse_input(haiku, std::string(inline_body_bytes_max - 58, 'x')));
    CHECK(has_bodies(world.last_record()));
    world.play("Converse", converse_input(haiku, std::string(inline_body_bytes_max - 50, 'x')));
    const Json record = world.last_record();
    CHECK_FALSE(record.at("input").contains("inputBodyJson"));
    CHECK(record.at("output").contains("outputBodyJson"));
    CHECK(record.at("input").at("inputTokenCount") == 1);
}

TEST_CASE("an image's bytes are no part of the record", "[runtime][record]") {
    RuntimeWorld world;
    Json input = converse_input(haiku, "what is this?");
    input["messages"][0]["content"].push_back(
        {{"image", {{"format", "png"}, {"source", {{"bytes", Json::binary({1, 2, 3})}}}}}});
    world.play("Converse", input);
    CHECK(world.last_record().at("input").at("inputBodyJson").at("messages").at(0).at("content").at(1) ==
          parse_json(R"({"image":{"format":"png","source":{}}})").value());
}

TEST_CASE("request metadata of InvokeModel comes from its header", "[runtime][record]") {
    RuntimeWorld world;
    world.book.add(
        {{"match", {{"requestMetadata", {{"team", "search"}}}}}, {"respond", {{"text", "for search"}}}});
    const Json body = R"({"inputText":"a"})";
    const ReplyPlan plan = world.play(
        "InvokeModel", {{"modelId", titan}, {"body", body}, {"requestMetadata", R"({"team":"search"})"}});
    CHECK(plan.body.find("for search") != std::string::npos);
    CHECK(world.last_record().at("requestMetadata") == Json{{"team", "search"}});
    const ReplyPlan wrong =
        world.play("InvokeModel", {{"modelId", titan}, {"body", body}, {"requestMetadata", R"({"team":1})"}});
    REQUIRE(wrong.error);
    CHECK(wrong.error->code == "ValidationException");
}

TEST_CASE("without a logging configuration there are metrics and no record", "[runtime][record]") {
    RuntimeWorld world;
    world.logging.config.reset();
    world.play("Converse", converse_input(haiku, "hi"));
    CHECK(world.logs.calls == 0);
    CHECK(world.metrics.values("Invocations") == std::vector<double>{1});
    CHECK(world.metrics.values("ModelInvocationLogsCloudWatchDeliverySuccess").empty());
}

TEST_CASE("a delivery to the log group is counted as success or failure", "[runtime][metrics]") {
    RuntimeWorld world;
    world.play("Converse", converse_input(haiku, "hi"));
    CHECK(world.metrics.values("ModelInvocationLogsCloudWatchDeliverySuccess") == std::vector<double>{1});
    world.logs.group_exists = false;
    world.play("Converse", converse_input(haiku, "hi"));
    CHECK(world.metrics.values("ModelInvocationLogsCloudWatchDeliveryFailure") == std::vector<double>{1});
    CHECK(world.metrics.values("ModelInvocationLogsCloudWatchDeliveryFailure", haiku).empty());
}

TEST_CASE("a delivery that the role may no longer make fails: it is counted and no record is written",
          "[runtime][metrics]") {
    RuntimeWorld world;
    const auto counted = [&](const char* metric) {
        return world.metrics.values(std::string("ModelInvocationLogsCloudWatchDelivery") + metric).size();
    };
    world.logging.refusal = "No policy of role logging allows logs:PutLogEvents.";
    world.play("Converse", converse_input(haiku, "hi"));
    CHECK(world.logs.calls == 0);
    CHECK(counted("Failure") == 1);
    CHECK(counted("Success") == 0);
    CHECK(world.metrics.values("Invocations") == std::vector<double>{1});
    world.logging.refusal.reset();
    world.play("Converse", converse_input(haiku, "hi"));
    CHECK(world.logs.lines.size() == 1);
    CHECK(counted("Failure") == 1);
    CHECK(counted("Success") == 1);
}

TEST_CASE("a success counts by model and across all models", "[runtime][metrics]") {
    RuntimeWorld world;
    world.book.add({{"latency", 4038},
                    {"respond",
                     {{"text", "a"},
                      {"usage",
                       {{"inputTokens", 3000},
                        {"outputTokens", 1000},
                        {"cacheReadInputTokens", 4000},
                        {"cacheWriteInputTokens", 1000}}}}}});
    world.play("Converse", converse_input(us_sonnet, "hi"));
    CHECK(world.metrics.place == "123456789012/us-east-1/AWS/Bedrock");
    for (const std::string& model : {us_sonnet, std::string()}) {
        CHECK(world.metrics.values("Invocations", model) == std::vector<double>{1});
        CHECK(world.metrics.values("InvocationLatency", model) == std::vector<double>{4038});
        CHECK(world.metrics.values("InputTokenCount", model) == std::vector<double>{3000});
        CHECK(world.metrics.values("OutputTokenCount", model) == std::vector<double>{1000});
        CHECK(world.metrics.values("CacheReadInputTokens", model) == std::vector<double>{4000});
        CHECK(world.metrics.values("CacheWriteInputTokens", model) == std::vector<double>{1000});
        CHECK(world.metrics.values("EstimatedTPMQuotaUsage", model) ==
              std::vector<double>{9000});  // bedrock.md 9.3
        CHECK(world.metrics.values("TimeToFirstToken", model).empty());
        CHECK(world.metrics.values("LegacyModelInvocations", model).empty());
        CHECK(world.metrics.values("InvocationClientErrors", model).empty());
    }
    for (const DataPoint& point : world.metrics.points) {
        CHECK(point.unit == (point.metric_name == "InvocationLatency" ? "Milliseconds" : "Count"));
    }
}

TEST_CASE("a stream counts its time to the first token, a legacy model its legacy", "[runtime][metrics]") {
    RuntimeWorld world;
    world.book.add({{"respond", {{"text", "one two "}}},
                    {"stream", {{"firstTokenMs", 300}, {"interTokenMs", 20}, {"tokensPerChunk", 1}}}});
    world.play("ConverseStream", converse_input(titan, "hi"));
    CHECK(world.metrics.values("TimeToFirstToken", titan) == std::vector<double>{300});
    CHECK(world.metrics.values("InvocationLatency", titan) == std::vector<double>{320});
    CHECK(world.metrics.values("LegacyModelInvocations", titan) == std::vector<double>{1});
}

TEST_CASE("an error counts in one error metric alone", "[runtime][metrics]") {
    struct Row {
        std::string name;
        std::string metric;
    };
    const auto row = GENERATE(values<Row>({{"ThrottlingException", "InvocationThrottles"},
                                           {"ModelNotReadyException", "InvocationClientErrors"},
                                           {"AccessDeniedException", "InvocationClientErrors"},
                                           {"ModelTimeoutException", "InvocationClientErrors"},
                                           {"ModelErrorException", "InvocationClientErrors"},
                                           {"ServiceUnavailableException", "InvocationServerErrors"},
                                           {"InternalServerException", "InvocationServerErrors"}}));
    RuntimeWorld world;
    world.logging.config.reset();
    world.book.add({{"error", {{"name", row.name}}}});
    world.play("Converse", converse_input(haiku, "hi"));
    CHECK(world.metrics.points.size() == 2);
    CHECK(world.metrics.values(row.metric) == std::vector<double>{1});
    CHECK(world.metrics.values(row.metric, haiku) == std::vector<double>{1});
}

TEST_CASE("an embedding counts no output tokens", "[runtime][metrics]") {
    RuntimeWorld world;
    world.play_native("InvokeModel", "amazon.titan-embed-text-v1", R"({"inputText":"a"})");
    CHECK(world.metrics.values("InputTokenCount").size() == 1);
    CHECK(world.metrics.values("OutputTokenCount").empty());
}

TEST_CASE("the model dimension is the id as called, an application profile's ARN by its id",
          "[runtime][metrics]") {
    CHECK(model_dimension(us_sonnet) == us_sonnet);
    CHECK(model_dimension(
              "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/mi1dadi0g15f") ==
          "mi1dadi0g15f");
}

TEST_CASE("a call is stamped with the clock's reading at its end, whether its latency was slept or not",
          "[runtime][record]") {
    RuntimeWorld world;
    const Instant start = world.clock.now();
    world.book.add({{"latency", 4038}});
    world.play("Converse", converse_input(haiku, "hi"));
    CHECK(world.logs.lines.back().timestamp == start);

    Instant wall{};
    VirtualClock clock([&] { return wall; });
    clock.set(ClockMode::real, start);
    BedrockRuntime slept(*world.storage, clock, world.random, world.book, world.quotas, world.catalogue,
                         world.logging, world.logs, world.metrics, {});
    const ReplyPlan plan = slept.invoke("Converse", clock.now(), world.caller, converse_input(haiku, "hi"));
    wall += Milliseconds(4041);
    plan.on_complete();
    CHECK(world.logs.lines.back().timestamp == start + Milliseconds(4041));
    // Points are told by their minute: the start is a whole one.
    CHECK(world.metrics.points.back().timestamp ==
          floor_to(start + Milliseconds(4041), Milliseconds(60'000)));
    CHECK(world.metrics.values("InvocationLatency").back() == 4038);
}

TEST_CASE("completions that gather are written together, each sink called once", "[runtime][record]") {
    RuntimeWorld world;
    Storage busy({.path = ":memory:", .writer_thread = true}, std::vector<Migrations>{rules::migrations()});
    rules::RuleBook book(busy, world.random);
    rules::QuotaBook quotas(busy, world.clock);
    BedrockRuntime runtime(busy, world.clock, world.random, book, quotas, world.catalogue, world.logging,
                           world.logs, world.metrics, {});
    std::vector<ReplyPlan> queued;
    queued.reserve(5);
    for (int count = 0; count < 5; ++count)
        queued.push_back(
            runtime.invoke("Converse", world.clock.now(), world.caller, converse_input(haiku, "hi")));
    busy.write([&](Database&) {
        for (const ReplyPlan& plan : queued) plan.on_complete();
    });
    busy.wait_for(busy.position());
    CHECK(world.logs.lines.size() == 5);
    CHECK(world.logging.uses ==
          std::vector<std::string>{"123456789012/us-east-1/bedrock/arn:aws:iam::123456789012:role/logging"});
    CHECK(world.logs.calls == 1);
    CHECK(world.metrics.calls == 1);
    CHECK(world.metrics.values("Invocations") == std::vector<double>{1});
    const auto& points = world.metrics.points;
    CHECK(
        std::all_of(points.begin(), points.end(), [](const DataPoint& point) { return point.weight == 5; }));
}

TEST_CASE("figures of many calls become one point a minute, model and value", "[runtime][metrics]") {
    GatheredFigures gathered;
    const Owner one{"000000000000", "us-east-1"};
    const Owner other{"000000000000", "eu-west-1"};
    const Instant noon = from_epoch_ms(1'700'006'400'000);
    for (int call = 0; call < 3; ++call)
        gathered.add(one, haiku, noon + Milliseconds(call), {{"Invocations"}});
    gathered.add(one, haiku, noon + Milliseconds(60'000), {{"Invocations"}});
    gathered.add(one, us_sonnet, noon, {{"Invocations"}, {"InvocationLatency", 12, "Milliseconds"}});
    gathered.add(other, haiku, noon, {{"Invocations"}});
    gathered.add_delivery(other, true, noon);

    const auto points = gathered.take();
    REQUIRE(points.size() == 2);
    std::multiset<std::string> told;
    for (const DataPoint& point : points.at(one)) {
        const std::string model = point.dimensions.empty() ? "all" : point.dimensions.front().value;
        told.insert(fmt::format("{} {} {} x{} {} {}", (point.timestamp - noon).count() / 60'000, model,
                                point.metric_name, point.weight, point.value, point.unit));
    }
    const std::string sonnet(us_sonnet);
    const std::string small(haiku);
    CHECK(told == std::multiset<std::string>{
                      "0 " + small + " Invocations x3 1 Count", "0 all Invocations x3 1 Count",
                      "0 " + sonnet + " Invocations x1 1 Count", "0 all Invocations x1 1 Count",
                      "0 " + sonnet + " InvocationLatency x1 12 Milliseconds",
                      "0 all InvocationLatency x1 12 Milliseconds", "1 " + small + " Invocations x1 1 Count",
                      "1 all Invocations x1 1 Count"});
    CHECK(points.at(other).size() == 3);
    CHECK(gathered.take().empty());
}

TEST_CASE("with the sync option a record is committed when the completion returns", "[runtime][record]") {
    RuntimeWorld world;
    Storage storage({.path = ":memory:", .writer_thread = true},
                    std::vector<Migrations>{rules::migrations()});
    rules::RuleBook book(storage, world.random);
    rules::QuotaBook quotas(storage, world.clock);
    BedrockRuntime runtime(storage, world.clock, world.random, book, quotas, world.catalogue, world.logging,
                           world.logs, world.metrics, {.invocation_log = InvocationLog::sync});
    runtime.invoke("Converse", world.clock.now(), world.caller, converse_input(haiku, "hi")).on_complete();
    CHECK(world.logs.lines.size() == 1);
}

}  // namespace rockwatch::bedrock_runtime
