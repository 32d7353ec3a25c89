#include "services/bedrock_runtime/quota_use.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "runtime_world.hpp"
#include "support/catch.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

using std::chrono::seconds;

Json quotas(const Json& quota) { return {{"quotas", Json::array({quota})}}; }

/// A call of so many input tokens and at most so much output.
Json sized(const std::string& model, std::int64_t input, std::int64_t output_max) {
    Json call = converse_input(model, std::string(static_cast<std::size_t>(input) * 4, 'x'));
    call["inferenceConfig"] = {{"maxTokens", output_max}};
    return call;
}

/// The message of the ThrottlingException; empty: it was served.
std::string throttling(RuntimeWorld& world, const std::string& operation, const Json& input) {
    const ReplyPlan plan = world.play(operation, input);
    if (!plan.error) return {};
    CHECK(plan.error->code == "ThrottlingException");
    return plan.error->message;
}

const std::string too_many_requests = "Too many requests, please wait before trying again.";
const std::string too_many_tokens = "Too many tokens, please wait before trying again.";

}  // namespace

TEST_CASE("the 61st call within a minute is throttled, through every door, and served a minute later",
          "[runtime][quota]") {
    RuntimeWorld world;
    world.quotas.put(quotas({{"modelId", "anthropic.*"}, {"requestsPerMinute", 60}}));
    const std::string operation = GENERATE("Converse", "ConverseStream");
    const Json input = converse_input(haiku, "hi");
    for (int call = 0; call < 60; ++call) {
        REQUIRE(throttling(world, operation, input).empty());
        world.clock.advance_to(world.clock.now() + seconds(call < 30 ? 1 : 0));
    }
    CHECK(throttling(world, operation, input) == too_many_requests);
    const auto native = world.play_native(
        "InvokeModelWithResponseStream", haiku,
        R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"messages":[{"role":"user","content":"hi"}]})");
    REQUIRE(native.error);
    CHECK(native.error->code == "ThrottlingException");
    CHECK(throttling(world, operation, converse_input(titan, "hi")).empty());  // no quota of another model
    world.clock.advance_to(world.clock.now() + seconds(30));
    CHECK(throttling(world, operation, input).empty());  // the first one is a minute ago
    CHECK(throttling(world, operation, input) == too_many_requests);
    world.clock.advance_to(world.clock.now() + seconds(60));
    CHECK(throttling(world, operation, input).empty());
}

TEST_CASE(
    "a throttled call moves InvocationThrottles alone, is logged as one that a rule throttles, and uses "
    "up nothing",
    "[runtime][quota]") {
    RuntimeWorld world;
    world.quotas.put(quotas({{"requestsPerMinute", 1}}));
    world.book.add(
        {{"id", "second"}, {"when", {{"calls", "2"}}}, {"respond", {{"text", "the second call"}}}});
    world.play("Converse", converse_input(haiku, "hi"));
    world.metrics.points.clear();
    const ReplyPlan refused = world.play("Converse", converse_input(haiku, "hi"));
    REQUIRE(refused.error);
    CHECK(refused.notes.rules.empty());
    const auto& points = world.metrics.points;
    CHECK(std::all_of(points.begin(), points.end(), [](const DataPoint& point) {
        return point.metric_name == "InvocationThrottles" ||
               point.metric_name == "ModelInvocationLogsCloudWatchDeliverySuccess";
    }));
    CHECK(world.metrics.values("InvocationThrottles", haiku) == std::vector<double>{1});
    CHECK(world.metrics.values("InvocationThrottles") == std::vector<double>{1});
    Json by_quota = world.last_record();
    world.clock.advance_to(world.clock.now() + seconds(60));
    // What a quota refused did not count as a call that the rule matched.
    CHECK(converse_text(world.play("Converse", converse_input(haiku, "hi"))) == "the second call");

    world.quotas.clear();
    world.book.clear();
    world.book.add({{"error", {{"name", "ThrottlingException"}}}});
    world.play("Converse", converse_input(haiku, "hi"));
    Json by_rule = world.last_record();
    CHECK(by_quota.at("errorCode") == "ThrottlingException");
    by_quota.erase("timestamp");
    by_rule.erase("timestamp");
    CHECK(by_quota == by_rule);
}

TEST_CASE("input and maxTokens are reserved, what was burned stays", "[runtime][quota]") {
    RuntimeWorld world;
    // The documentation's example: 3,000 in, 4,000 read and 1,000 written, 1,000 out of 32,000: 9,000 for
    // Claude since 3.7.
    world.quotas.put(quotas({{"modelId", "anthropic.claude-sonnet-4-*"}, {"tokensPerMinute", 36'000}}));
    world.book.add({{"match", {{"prompt", "^x"}}},
                    {"respond",
                     {{"text", "ok"},
                      {"usage",
                       {{"inputTokens", 3'000},
                        {"cacheReadInputTokens", 4'000},
                        {"cacheWriteInputTokens", 1'000},
                        {"outputTokens", 1'000}}}}}});
    CHECK(throttling(world, "Converse", sized(us_sonnet, 4'001, 32'000)) == too_many_tokens);
    const ReplyPlan first = world.plan("Converse", sized(us_sonnet, 4'000, 32'000));  // takes all there is
    CHECK_FALSE(first.error);
    CHECK(throttling(world, "Converse", sized(us_sonnet, 1, 1)) == too_many_tokens);
    first.on_complete();
    CHECK(world.metrics.values("EstimatedTPMQuotaUsage", us_sonnet) == std::vector<double>{9'000});
    CHECK(throttling(world, "Converse", sized(us_sonnet, 1, 27'000)) == too_many_tokens);
    CHECK(throttling(world, "ConverseStream", sized(us_sonnet, 1, 26'999)).empty());
    CHECK(throttling(world, "ConverseStream", sized(us_sonnet, 1, 18'000)) == too_many_tokens);
    world.clock.advance_to(world.clock.now() + seconds(60));
    CHECK(throttling(world, "Converse", sized(us_sonnet, 4'000, 32'000)).empty());
}

TEST_CASE("what burns more than it reserved makes the next one wait", "[runtime][quota]") {
    RuntimeWorld world;
    world.quotas.put(quotas({{"tokensPerMinute", 1'000}}));
    world.book.add({{"respond", {{"text", "ok"}, {"usage", {{"inputTokens", 10}, {"outputTokens", 100}}}}}});
    // 10 + 100 * 5: more than the 110 that were asked for.
    CHECK(throttling(world, "Converse", sized(us_sonnet, 10, 100)).empty());
    CHECK(throttling(world, "Converse", sized(us_sonnet, 10, 481)) == too_many_tokens);
    CHECK(throttling(world, "Converse", sized(us_sonnet, 10, 480)).empty());
    // An output token of an older model burns one.
    for (int call = 0; call < 9; ++call) CHECK(throttling(world, "Converse", sized(haiku, 10, 100)).empty());
    CHECK(throttling(world, "Converse", sized(haiku, 10, 1)) == too_many_tokens);
}

TEST_CASE("without maxTokens a call reserves what its model takes for one", "[runtime][quota]") {
    struct Row {
        std::string model;
        std::int64_t output_max;
    };
    const auto row = GENERATE(values<Row>(
        {{titan, 512}, {haiku, 4096}, {nova_lite, 4096}, {"meta.llama3-8b-instruct-v1:0", 4096}}));
    CAPTURE(row.model);
    RuntimeWorld world;
    const Json input = converse_input(row.model, "four");  // one token
    world.quotas.put(quotas({{"tokensPerMinute", row.output_max}}));
    CHECK(throttling(world, "Converse", input) == too_many_tokens);
    world.quotas.put(quotas({{"tokensPerMinute", row.output_max + 1}}));
    CHECK(throttling(world, "Converse", input).empty());
}

TEST_CASE("an embedding reserves its input alone", "[runtime][quota]") {
    RuntimeWorld world;
    world.quotas.put(quotas({{"tokensPerMinute", 2}}));
    const auto embed = [&] {
        return world.play_native("InvokeModel", "amazon.titan-embed-text-v2:0", R"({"inputText":"four"})");
    };
    CHECK_FALSE(embed().error);
    CHECK_FALSE(embed().error);
    CHECK(embed().error);
}

TEST_CASE("a call that fails burns no tokens and keeps its request", "[runtime][quota]") {
    RuntimeWorld world;
    world.book.add({{"match", {{"prompt", "break"}}}, {"error", {{"name", "InternalServerException"}}}});
    world.book.add({{"match", {{"prompt", "cut"}}},
                    {"error", {{"name", "ModelStreamErrorException"}, {"afterChunks", 1}}}});
    const std::string prompt = GENERATE("break", "cut");
    Json input = converse_input(haiku, prompt);
    input["inferenceConfig"] = {{"maxTokens", 90}};
    world.quotas.put(quotas({{"tokensPerMinute", 100}, {"requestsPerMinute", 3}}));
    for (int call = 0; call < 3; ++call) {
        const ReplyPlan plan = world.play("ConverseStream", input);
        const auto& error = plan.stream_error ? plan.stream_error->second : *plan.error;
        CHECK(error.code != "ThrottlingException");
    }
    CHECK(throttling(world, "ConverseStream", input) == too_many_requests);
}

TEST_CASE("a request that is not valid takes nothing", "[runtime][quota]") {
    RuntimeWorld world;
    world.quotas.put(quotas({{"requestsPerMinute", 1}}));
    Json wrong = converse_input(haiku, "hi");
    wrong["messages"][0]["role"] = "assistant";
    for (int call = 0; call < 3; ++call) {
        const ReplyPlan plan = world.play("Converse", wrong);
        REQUIRE(plan.error);
        CHECK(plan.error->code == "ValidationException");
    }
    CHECK(throttling(world, "Converse", converse_input(haiku, "hi")).empty());
}

TEST_CASE("accounts, regions and models count apart, and a model by any of its names together",
          "[runtime][quota]") {
    RuntimeWorld world;
    world.quotas.put(quotas({{"modelId", "anthropic.*"}, {"requestsPerMinute", 1}}));
    const auto served = [&](const std::string& model) {
        return throttling(world, "Converse", converse_input(model, "hi")).empty();
    };
    CHECK(served(haiku));
    CHECK_FALSE(served(haiku));
    CHECK_FALSE(served("arn:aws:bedrock:us-east-1::foundation-model/" + haiku));
    CHECK(served(us_sonnet));  // matched by the profile's model
    CHECK_FALSE(served(us_sonnet));
    CHECK_FALSE(served("arn:aws:bedrock:us-east-1:123456789012:inference-profile/" + us_sonnet));
    CHECK(served("us." + haiku));  // AWS has a quota of its own for calls across regions
    CHECK_FALSE(served("us." + haiku));
    world.caller.region = "eu-west-1";
    CHECK(served(haiku));
    CHECK_FALSE(served(haiku));
    world.caller.account = "999999999999";
    CHECK(served(haiku));
    CHECK_FALSE(served(haiku));
}

TEST_CASE("a quota of one account or region leaves the others alone", "[runtime][quota]") {
    RuntimeWorld world;
    const Json only = GENERATE(values<Json>({{{"account", "123456789012"}}, {{"region", "us-east-1"}}}));
    Json quota = only;
    quota["requestsPerMinute"] = 1;
    world.quotas.put(quotas(quota));
    const Json input = converse_input(haiku, "hi");
    CHECK(throttling(world, "Converse", input).empty());
    CHECK(throttling(world, "Converse", input) == too_many_requests);
    if (only.contains("account")) {
        world.caller.account = "000000000000";
    } else {
        world.caller.region = "eu-west-1";
    }
    for (int call = 0; call < 3; ++call) CHECK(throttling(world, "Converse", input).empty());
}

TEST_CASE("all quotas that match must admit a call, and one that refuses it leaves the others as they were",
          "[runtime][quota]") {
    RuntimeWorld world;
    world.quotas.put({{"quotas",
                       {{{"modelId", "*"}, {"requestsPerMinute", 3}},
                        {{"modelId", haiku}, {"requestsPerMinute", 100}, {"tokensPerMinute", 20}}}}});
    CHECK(throttling(world, "Converse", sized(haiku, 1, 20)) == too_many_tokens);
    CHECK(throttling(world, "Converse", sized(haiku, 1, 20)) == too_many_tokens);
    CHECK(throttling(world, "Converse", sized(haiku, 1, 20)) == too_many_tokens);
    for (int call = 0; call < 3; ++call) CHECK(throttling(world, "Converse", sized(haiku, 1, 1)).empty());
    CHECK(throttling(world, "Converse", sized(haiku, 1, 1)) == too_many_requests);
    CHECK(throttling(world, "Converse", sized(titan, 1, 1)).empty());  // "*" counts every model by itself
}

TEST_CASE("a clock that goes back locks nobody out, and a new list counts anew", "[runtime][quota]") {
    RuntimeWorld world;
    const Json one = quotas({{"requestsPerMinute", 1}});
    world.quotas.put(one);
    const Json input = converse_input(haiku, "hi");
    const Instant start = world.clock.now();
    const ReplyPlan under_way = world.plan("Converse", input);
    CHECK(throttling(world, "Converse", input) == too_many_requests);
    world.clock.set(ClockMode::frozen, start - seconds(3'600));
    CHECK(throttling(world, "Converse", input).empty());
    CHECK(throttling(world, "Converse", input) == too_many_requests);
    under_way.on_complete();  // of another time: changes no count
    CHECK(throttling(world, "Converse", input) == too_many_requests);
    world.quotas.put(one);
    CHECK(throttling(world, "Converse", input).empty());
    world.quotas.clear();
    for (int call = 0; call < 3; ++call) CHECK(throttling(world, "Converse", input).empty());
    CHECK(world.quotas.empty());
}

TEST_CASE("accounts that come and go leave no counters behind", "[runtime][quota]") {
    RuntimeWorld world;
    world.quotas.put(quotas({{"requestsPerMinute", 1}}));
    const Json input = converse_input(haiku, "hi");
    for (int account = 0; account < 5'000; ++account) {
        world.caller.account = std::to_string(100'000'000'000 + account);
        REQUIRE_FALSE(world.plan("Converse", input).error);
        world.clock.advance_to(world.clock.now() + seconds(1));
    }
    CHECK(world.quotas.counters() <= 2'000);
}

TEST_CASE("callers on many threads are admitted exactly as many times as the quota says",
          "[runtime][quota]") {
    RuntimeWorld world;
    world.quotas.put(quotas({{"requestsPerMinute", 500}, {"tokensPerMinute", 10'000'000}}));
    std::atomic<int> served{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
            for (int call = 0; call < 200; ++call) {
                const ReplyPlan plan = world.plan("Converse", converse_input(haiku, "hi"));
                served += plan.error ? 0 : 1;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(served == 500);
}

}  // namespace rockwatch::bedrock_runtime
