#include "rules/rule_index.hpp"

#include <algorithm>
#include <map>

#include "core/text_time.hpp"
#include "rules/rule_book.hpp"
#include "support/catch.hpp"

namespace rockwatch::rules {

namespace {

const Instant new_year = *parse_iso("2026-01-01T00:00:00Z");

/// What rule_book did before it had an index: every rule is judged, front to back.
class Plain {
public:
    void add(const Json& document) { rules_.insert(rules_.begin(), {rule_from_json(document), 0}); }

    struct Told {
        std::vector<std::string> rules;
        std::vector<std::string> misses;
        bool operator==(const Told&) const = default;
    };

    Told decide(const Invocation& invocation) {
        Told told;
        struct Miss {
            int held;
            std::string text;
        };
        std::vector<Miss> misses;
        const auto miss = [&](int held, const Rule& rule, const std::string& pointer) {
            const auto place = std::find_if(misses.begin(), misses.end(),
                                            [&](const Miss& other) { return other.held < held; });
            misses.insert(place, {held, rule.id + pointer});
            if (misses.size() > 3) misses.pop_back();
        };
        bool respond = false;
        bool latency = false;
        bool error = false;
        for (auto& [rule, calls] : rules_) {
            if (respond && latency && error && !rule.when.given) continue;
            if (const auto failure = first_failure(rule.match, invocation)) {
                if (failure->pointer != "/match/modelId") miss(failure->held, rule, failure->pointer);
                continue;
            }
            ++calls;
            if (calls < rule.when.calls_from || calls > rule.when.calls_to) {
                miss(1'000'000, rule, "/when/calls");
                continue;
            }
            if (calls % rule.when.every != 0) {
                miss(1'000'000, rule, "/when/every");
                continue;
            }
            const bool used =
                (rule.respond && !respond) || (rule.latency && !latency) || (rule.error && !error);
            respond |= rule.respond.has_value();
            latency |= rule.latency.has_value();
            error |= rule.error.has_value();
            if (used) told.rules.push_back(rule.id);
        }
        std::size_t looked_at = 0;
        for (const auto& [rule, calls] : rules_) {
            if (respond || error || ++looked_at > 64 || misses.size() >= 3) break;
            const auto failure = first_failure(rule.match, invocation);
            if (failure && failure->pointer == "/match/modelId") miss(-1, rule, "/match/modelId");
        }
        for (const Miss& told_miss : misses) told.misses.push_back(told_miss.text);
        return told;
    }

private:
    std::vector<std::pair<Rule, std::uint64_t>> rules_;
};

class Maker {
public:
    Json rule(int number) {
        Json match = Json::object();
        if (maybe(3))
            match["modelId"] = pick({"m.one", "m.two", "m.*", "*.one", "n.*",
                                     "arn:aws:bedrock:us-east-1::foundation-model/m.*",
                                     "arn:aws:bedrock:eu-west-1::foundation-model/*"});
        if (maybe(4)) match["operation"] = pick({"Converse", "ConverseStream", "InvokeModel"});
        if (maybe(3))
            match["prompt"] =
                pick({"order 1001", "order 1002", "(?i)REFUND", "^hello", "[0-9]{4}", "refund|order",
                      "(?i)STRASS(E|EN)|STRAßE", "(?i)grüße", "Заказ", "(?i)заказ \\d",
                      "(?i)\\b(ask|task)\\b", "^(?:my )?order( and more)? [12]", "(?i:or)der", "[Rr]efunds?!",
                      "(?:order ){2}", "(?i)\\Qa|B\\E", "\\Qrefund", "(hello)?$", "日本"});
        if (maybe(6)) match["system"] = pick({"polite", "(?i)French", "b.*d"});
        if (maybe(6)) match["anyMessage"] = pick({"weather", "order 1001"});
        if (maybe(6)) match["tool"] = pick({"get_weather", "get_order"});
        if (maybe(8)) match["toolResult"] = pick({"tool_1", "get_weather", "tool_2"});
        if (maybe(8)) match["turn"] = 1 + static_cast<int>(random_.below(2));
        if (maybe(4)) match["body"][pick({"/a/b", "/x", "/messages/0/role"})] = value();
        if (maybe(5)) match["requestMetadata"][pick({"team", "user"})] = pick({"search", "ads"});
        if (maybe(6)) match["account"] = pick({"111111111111", "222222222222"});
        if (maybe(8)) match["region"] = pick({"us-east-1", "eu-west-1"});
        Json made = {{"id", "r" + std::to_string(number)}, {"match", match}};
        if (maybe(5)) made["when"] = {{"calls", pick({"1", "2-", "-5"})}};
        if (maybe(8)) made["when"]["every"] = 2;
        if (maybe(3)) made["latency"] = 5;
        if (maybe(6)) made["error"] = {{"connection", "hang"}};
        if (!made.contains("latency") && !made.contains("error")) made["respond"] = {{"text", "a"}};
        return made;
    }

    Json request() {
        Json body = {{"messages", Json::array()}, {"a", {{"b", value()}}}, {"x", value()}};
        if (maybe(3)) {
            body["messages"].push_back(message("user", {{"text", "the weather"}}));
            body["messages"].push_back(
                message("assistant", {{"toolUse", {{"toolUseId", "tool_1"}, {"name", "get_weather"}}}}));
            body["messages"].push_back(message("user", {{"toolResult", {{"toolUseId", "tool_1"}}}}));
        } else {
            body["messages"].push_back(message(
                "user",
                {{"text", pick({"hello", "my order 1001 and a refund", "ORDER 1002", "2026", "Refund!",
                                "Strassen", "STRAßE, STRAẞE", "Viele GRÜẞE", "Заказ 7", "ЗАКАЗ 7",
                                "a ta\u017F\u212A", "order order 1001", "A|b", "日本語", ""})}}));
        }
        if (maybe(2)) body["system"] = Json::array({{{"text", pick({"Be polite.", "french, and bold"})}}});
        if (maybe(2))
            body["toolConfig"]["tools"] =
                Json::array({{{"toolSpec", {{"name", pick({"get_weather", "other"})}}}}});
        return body;
    }

    std::string pick(std::vector<std::string> choices) { return choices[random_.below(choices.size())]; }
    bool maybe(std::uint64_t one_in) { return random_.below(one_in) == 0; }

private:
    static Json message(const char* role, const Json& block) {
        return {{"role", role}, {"content", Json::array({block})}};
    }
    Json value() {
        const std::vector<Json> all = {0,          0.0,
                                       -0.0,       1,
                                       1.5,        "1",
                                       "",         true,
                                       nullptr,    Json::array({1}),
                                       {{"c", 1}}, 9'007'199'254'740'993,
                                       "user"};
        return all[random_.below(all.size())];
    }

    Random random_{11};
};

}  // namespace

TEST_CASE("a book of many rules decides, and tells near misses, as if each rule were judged",
          "[rules][index]") {
    const std::vector<Migrations> tables = {migrations()};
    for (const int rules : {8, 40, 400}) {
        Random random(1);
        Storage storage({.path = ":memory:", .writer_thread = false}, tables);
        RuleBook book(storage, random);
        Plain plain;
        Maker maker;
        Json list = Json::array();
        for (int number = 0; number < rules; ++number) {
            list.push_back(maker.rule(number));
            plain.add(list.back());
        }
        book.add({{"rules", list}});
        int answered = 0;
        for (int call = 0; call < 400; ++call) {
            const Json request = maker.request();
            const Json metadata = {{"team", maker.pick({"search", "ads", "none"})}};
            const std::string operation = maker.pick({"Converse", "InvokeModel"});
            const std::string model = maker.pick({"m.one", "m.two", "us.m.two", "other"});
            Caller caller;
            caller.account = maker.pick({"111111111111", "333333333333"});
            caller.region = maker.pick({"us-east-1", "eu-west-1"});
            const std::string foundation = model == "us.m.two" ? "m.two" : model;
            const Invocation invocation({.operation = operation,
                                         .model_id = model,
                                         .foundation_model_id = foundation,
                                         .caller = caller,
                                         .converse = request,
                                         .body = request,
                                         .metadata = &metadata});
            const Decision decision = book.decide(invocation, new_year);
            Plain::Told told{.rules = decision.rules};
            for (const auto& miss : decision.near_misses) told.misses.push_back(miss.rule + miss.failed);
            const Plain::Told wanted = plain.decide(invocation);
            CAPTURE(rules, call, request.dump());
            REQUIRE(told.rules == wanted.rules);
            REQUIRE(told.misses == wanted.misses);
            answered += wanted.rules.empty() ? 0 : 1;
        }
        CHECK(answered > 20);
    }
}

TEST_CASE("rules that cannot match are not judged", "[rules][index]") {
    std::vector<Rule> rules;
    std::vector<std::optional<RuleKey>> keys;
    const auto add = [&](const Json& match) {
        rules.push_back(rule_from_json({{"match", match}, {"latency", 1}}));
        keys.push_back(key_of(rules.back().match));
    };
    for (int number = 0; number < 20; ++number) {
        const std::string text = "case " + std::to_string(1'000 + number);
        for (const char* name :
             {"prompt", "system", "anyMessage", "tool", "toolResult", "account", "region", "accessKeyId"})
            add({{name, text}});
        add({{"turn", 10 + number}});
        add({{"body", {{"/a", number}}}});
        add({{"requestMetadata", {{"team", text}}}});
        add({{"modelId", "other.*"}});
        add({{"operation", "InvokeModel"}});
    }
    std::vector<RuleIndex::Entry> entries;
    for (std::size_t rule = 0; rule < rules.size(); ++rule)
        entries.push_back({rules[rule].match, keys[rule]});
    const RuleIndex index(std::move(entries));
    const Json request = {
        {"messages",
         Json::array({{{"role", "user"}, {"content", Json::array({{{"text", "this is case 1007"}}})}}})},
        {"a", 7.0}};
    const Caller caller;
    const auto selection = index.select(Invocation({.operation = "Converse",
                                                    .model_id = "m",
                                                    .foundation_model_id = "m",
                                                    .caller = caller,
                                                    .converse = request,
                                                    .body = request}));
    std::vector<std::uint32_t> judged;
    selection.each([&](std::uint32_t rule) { judged.push_back(rule); });
    CHECK(judged == std::vector<std::uint32_t>{7 * 13, 7 * 13 + 2, 7 * 13 + 9});  // prompt, anyMessage, body
}

}  // namespace rockwatch::rules
