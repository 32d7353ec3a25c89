#include "rules/quota.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "case_file.hpp"
#include "core/random.hpp"
#include "rules/quota_book.hpp"
#include "rules/rule_book.hpp"
#include "support/catch.hpp"

namespace rockwatch::rules {

namespace {

Quota quota_of(const Json& document) { return quotas_from_json({{"quotas", Json::array({document})}}).at(0); }

Instant at_ms(std::int64_t ms) { return from_epoch_ms(1'767'225'600'000 + ms); }

/// "requests", "tokens" or "admitted"; an admitted call is counted.
std::string take(SlidingMinute& minute, const Quota& quota, std::int64_t ms, std::int64_t tokens = 1) {
    const auto limit = minute.refusal(quota, at_ms(ms), tokens);
    if (!limit) minute.add(at_ms(ms), tokens);
    return !limit ? "admitted" : *limit == QuotaLimit::requests ? "requests" : "tokens";
}

}  // namespace

TEST_CASE("quotas that are wrong are refused with the place at fault", "[rules][quota]") {
    for (const Json& example : case_file("rules/refused_quotas.json")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            try {
                quotas_from_json(example.at("request"));
                FAIL("the quotas were accepted");
            } catch (const InputError& error) {
                CHECK(error.status == 400);
                CHECK(error.code == example.at("code").get<std::string>());
                CHECK(error.path == example.at("path").get<std::string>());
                CHECK_THAT(error.what(), ContainsSubstring(example.at("message").get<std::string>()));
            }
        }
    }
}

TEST_CASE("quotas are read as given", "[rules][quota]") {
    for (const Json& example : case_file("rules/quotas.json")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const auto quotas = quotas_from_json(example.at("request"));
            Json documents = Json::array();
            for (const Quota& quota : quotas) documents.push_back(quota.document);
            CHECK(documents == example.at("request").at("quotas"));
        }
    }
    const Quota quota = quota_of({{"modelId", "anthropic.*"}, {"requestsPerMinute", 60}, {"region", "r"}});
    CHECK(quota.match.model_ids == std::vector<std::string>{"anthropic.*"});
    CHECK(quota.match.region == "r");
    CHECK(quota.requests_per_minute == 60);
    CHECK_FALSE(quota.tokens_per_minute);
}

TEST_CASE("there can be a thousand quotas and no more", "[rules][quota]") {
    Json list = Json::array();
    for (int count = 0; count < 1'000; ++count) list.push_back({{"requestsPerMinute", 1}});
    CHECK(quotas_from_json({{"quotas", list}}).size() == 1'000);
    list.push_back({{"requestsPerMinute", 1}});
    try {
        quotas_from_json({{"quotas", list}});
        FAIL("1001 quotas were accepted");
    } catch (const InputError& error) {
        CHECK(error.code == "TooManyQuotas");
        CHECK(error.path == "/quotas");
    }
}

TEST_CASE("a minute of requests slides, and ends after sixty seconds to the millisecond", "[rules][quota]") {
    const Quota quota = quota_of({{"requestsPerMinute", 2}});
    SlidingMinute minute;
    struct Row {
        std::int64_t ms;
        const char* outcome;
    };
    // A fixed minute would admit two calls just before its end and two just after.
    const Row rows[] = {{59'000, "admitted"},  {59'999, "admitted"},  {60'000, "requests"},
                        {118'999, "requests"}, {119'000, "admitted"}, {119'000, "requests"},
                        {119'998, "requests"}, {119'999, "admitted"}};
    for (const Row& row : rows) {
        CAPTURE(row.ms);
        CHECK(take(minute, quota, row.ms) == row.outcome);
    }
    CHECK(minute.requests() == 2);
    CHECK_FALSE(minute.empty(at_ms(179'998)));
    CHECK(minute.empty(at_ms(179'999)));
}

TEST_CASE("tokens are taken when a call comes and given back when it took fewer", "[rules][quota]") {
    const Quota quota = quota_of({{"tokensPerMinute", 100}});
    SlidingMinute minute;
    CHECK(take(minute, quota, 0, 101) == "tokens");
    CHECK(take(minute, quota, 0, 60) == "admitted");
    CHECK(take(minute, quota, 1, 41) == "tokens");
    CHECK(take(minute, quota, 1, 40) == "admitted");
    minute.correct(at_ms(0), -50);
    CHECK(minute.tokens() == 50);
    CHECK(take(minute, quota, 2, 51) == "tokens");
    CHECK(take(minute, quota, 2, 50) == "admitted");
    minute.correct(at_ms(1), +30);  // more than it asked for: whoever comes next waits
    CHECK(take(minute, quota, 3, 1) == "tokens");
    CHECK(take(minute, quota, 60'000, 10) == "tokens");
    CHECK(take(minute, quota, 60'001, 10) == "admitted");
    minute.correct(at_ms(0), +1'000);  // more than a minute ago: nobody asks any more
    CHECK(minute.tokens() == 60);
}

TEST_CASE("a limit of requests is told before one of tokens", "[rules][quota]") {
    const Quota quota = quota_of({{"requestsPerMinute", 1}, {"tokensPerMinute", 1}});
    SlidingMinute minute;
    CHECK(take(minute, quota, 0, 2) == "tokens");
    CHECK(take(minute, quota, 0, 1) == "admitted");
    CHECK(take(minute, quota, 0, 1) == "requests");
}

TEST_CASE("a database from before there were quotas keeps its rules and gets them", "[rules][quota]") {
    const auto path =
        std::filesystem::temp_directory_path() / ("rockwatch-quotas-" + std::to_string(getpid()));
    std::filesystem::remove(path);
    {
        Migrations before = migrations();
        before.steps = before.steps.first(1);
        const std::vector<Migrations> tables = {before};
        Storage storage({.path = path.string(), .writer_thread = false}, tables);
        storage.write([](Database& database) {
            database.run(
                "INSERT INTO rule (id, position, from_start, document) VALUES ('old', 1, 0, "
                "'{\"latency\":1}')");
        });
    }
    const VirtualClock clock;
    for (const std::size_t kept : {0, 1}) {
        Random random(1);
        const std::vector<Migrations> tables = {migrations()};
        Storage storage({.path = path.string(), .writer_thread = false}, tables);
        CHECK(RuleBook(storage, random).size() == 1);
        QuotaBook quotas(storage, clock);
        CHECK(quotas.list().size() == kept);
        quotas.put({{"quotas", Json::array({{{"requestsPerMinute", 1}}})}});
    }
    for (const char* suffix : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(path.string() + suffix);
}

TEST_CASE("in no minute more is admitted than the limit, and nothing is refused that would have fitted",
          "[rules][quota]") {
    Random random(7);
    const Quota quota = quota_of({{"requestsPerMinute", 9}, {"tokensPerMinute", 500}});
    SlidingMinute minute;
    struct Admitted {
        std::int64_t ms;
        std::int64_t tokens;
    };
    std::vector<Admitted> admitted;
    const auto within = [&](std::int64_t first, std::int64_t last) {
        Admitted sum{0, 0};
        for (const Admitted& call : admitted) {
            if (call.ms < first || call.ms > last) continue;
            sum.ms += 1;
            sum.tokens += call.tokens;
        }
        return sum;
    };
    int refused = 0;
    std::int64_t now = 0;
    for (int count = 0; count < 3'000; ++count) {
        now += static_cast<std::int64_t>(random.unit() * 9'000);
        const auto tokens = 1 + static_cast<std::int64_t>(random.unit() * 120);
        const Admitted before = within(now - 59'999, now);
        const bool fits = before.ms < 9 && before.tokens + tokens <= 500;
        const bool taken = take(minute, quota, now, tokens) == "admitted";
        REQUIRE(taken == fits);
        refused += taken ? 0 : 1;
        if (taken) admitted.push_back({now, tokens});
    }
    CHECK(refused > 100);
    for (const Admitted& call : admitted) {
        const Admitted sum = within(call.ms, call.ms + 59'999);
        REQUIRE(sum.ms <= 9);
        REQUIRE(sum.tokens <= 500);
    }
}

}  // namespace rockwatch::rules
