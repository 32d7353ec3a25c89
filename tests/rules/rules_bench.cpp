#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <functional>

#include "rules/rule_book.hpp"

namespace {

using namespace rockwatch;
using namespace rockwatch::rules;

constexpr int rules_in_book = 10'000;
const std::string model = "anthropic.claude-3-haiku-20240307-v1:0";

Json request() {
    std::string prompt = "Please tell me about order 15000 of customer-4711.";
    while (prompt.size() < 1'000) prompt += " The quick brown fox jumps over the lazy dog.";
    return {{"messages", Json::array({{{"role", "user"}, {"content", Json::array({{{"text", prompt}}})}}})},
            {"system", Json::array({{{"text", "You are a friendly assistant of a shop."}}})},
            {"toolConfig", {{"tools", Json::array({{{"toolSpec", {{"name", "get_order"}}}}})}}},
            {"additionalModelRequestFields", {{"user", "user-4711"}}}};
}

using Clock = std::chrono::steady_clock;

struct Times {
    double add_ms = 0;         ///< the rules
    double first_call_ms = 0;  ///< it makes the index, as the first one behind every change does
    double call_us = 0;
};

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Times times_of(const std::function<Json(int)>& match, bool when) {
    Times times;
    Random random(1);
    const std::vector<Migrations> tables = {migrations()};
    Storage storage({.path = ":memory:", .writer_thread = false}, tables);
    RuleBook book(storage, random);
    Json list = Json::array();
    for (int number = 0; match && number < rules_in_book; ++number) {
        list.push_back({{"match", match(number)}, {"latency", 5}});
        if (when) list.back()["when"] = {{"calls", fmt::format("{}", number + 2)}};
    }
    auto start = Clock::now();
    if (match) book.add({{"rules", list}});
    times.add_ms = milliseconds_since(start);
    const Json asked = request();
    const Json metadata = {{"user", "user-4711"}};
    Caller caller;
    caller.account = "000000000000";
    caller.region = "us-east-1";
    const auto once = [&] {
        book.decide(Invocation({.operation = "Converse",
                                .model_id = model,
                                .foundation_model_id = model,
                                .caller = caller,
                                .converse = asked,
                                .body = asked,
                                .metadata = &metadata}),
                    Instant{});
    };
    start = Clock::now();
    once();
    times.first_call_ms = milliseconds_since(start);
    for (int warm = 0; warm < 3; ++warm) once();
    start = Clock::now();
    int calls = 0;
    while (Clock::now() - start < std::chrono::milliseconds(300)) {
        once();
        ++calls;
    }
    times.call_us = 1'000 * milliseconds_since(start) / calls;
    return times;
}

}  // namespace

/// What a book of 10,000 rules adds to a call, by the kind of its rules; to be held beside what a whole
/// invocation costs. Not a test.
int main() {
    struct Row {
        const char* rules;
        std::function<Json(int)> match;
        bool when = false;
    };
    const Row rows[] = {
        {"none", nullptr},
        {"other models, by id",
         [](int n) {
             return Json{{"modelId", fmt::format("acme.model-{}", n)}};
         }},
        {"other models, by glob",
         [](int n) {
             return Json{{"modelId", fmt::format("acme.*-{}-*", n)}};
         }},
        {"other operations",
         [](int) {
             return Json{{"modelId", "anthropic.*"}, {"operation", "InvokeModel"}};
         }},
        {"prompts of this model",
         [](int n) {
             return Json{{"modelId", model}, {"prompt", fmt::format("order {}", 10'000 + n)}};
         }},
        {"prompts, any case, with groups",
         [](int n) {
             return Json{{"modelId", "anthropic.*"},
                         {"prompt", fmt::format("(?i)\\bCustomer-{}\\b.*(today|now)", n)}};
         }},
        {"prompts, alternatives",
         [](int n) {
             return Json{{"prompt", fmt::format("order {}|invoice {}", 20'000 + n, n)}};
         }},
        {"prompts, a list of words",
         [](int n) {
             return Json{{"prompt", fmt::format("word{0}a|word{0}b|word{0}c|word{0}d.*(fox|dog)", n)}};
         }},
        {"prompts, a digit more",
         [](int n) {
             return Json{{"prompt", fmt::format("order {}\\d", 20'000 + n)}};
         }},
        {"prompts, Cyrillic",
         [](int n) {
             return Json{{"prompt", fmt::format("(?i)\u0437\u0430\u043a\u0430\u0437 {}", n)}};
         }},
        {"prompts, short words",
         [](int n) {
             return Json{{"prompt", fmt::format("\\b{}\\b", n % 1'000)}};
         }},
        {"prompts without a literal",
         [](int n) {
             return Json{{"prompt", fmt::format("[a-f]{{{}}}\\d{{7}}(x|y)", 1 + n % 50)}};
         }},
        {"system texts",
         [](int n) {
             return Json{{"system", fmt::format("shop number {}", n)}};
         }},
        {"any message",
         [](int n) {
             return Json{{"anyMessage", fmt::format("order {}\\D", 20'000 + n)}};
         }},
        {"tools",
         [](int n) {
             return Json{{"modelId", model}, {"tool", fmt::format("tool_{}", n)}};
         }},
        {"tool results",
         [](int n) {
             return Json{{"toolResult", fmt::format("tooluse_{}", n)}};
         }},
        {"one place of the body",
         [](int n) {
             return Json{
                 {"body", {{"/additionalModelRequestFields/user", fmt::format("user-{}", 5'000 + n)}}}};
         }},
        {"places of the body, all other",
         [](int n) {
             return Json{{"body", {{fmt::format("/additionalModelRequestFields/u{}", n), 1}}}};
         }},
        {"request metadata",
         [](int n) {
             return Json{{"requestMetadata", {{"user", fmt::format("user-{}", 5'000 + n)}}}};
         }},
        {"accounts",
         [](int n) {
             return Json{{"account", fmt::format("{:012}", 1 + n)}};
         }},
        {"all match, each one call", [](int) { return Json::object(); }, true},
    };
    for (const Row& row : rows) {
        const Times times = times_of(row.match, row.when);
        std::printf("%-34s %10.2f us; added in %.1f ms, first call %.1f ms\n", row.rules, times.call_us,
                    times.add_ms, times.first_call_ms);
    }
    return 0;
}
