#include "services/logs/event_position.hpp"

#include <algorithm>

#include "services/logs/page_token.hpp"
#include "support/catch.hpp"

namespace rockwatch::logs {

TEST_CASE("event ids are 56 digits that sort by time and then by arrival", "[logs][ids]") {
    const std::vector<std::string> ids = {position_text(EventPosition::of(0, 1)),
                                          position_text(EventPosition::of(0, 2)),
                                          position_text(EventPosition::of(1, 1)),
                                          position_text(EventPosition::of(1767225600000, 7)),
                                          position_text(EventPosition::of(1767225600000, 8)),
                                          position_text(EventPosition::of(1767225600001, 3)),
                                          position_text(EventPosition::of(4102444800000, 1LL << 60))};
    CHECK(std::is_sorted(ids.begin(), ids.end()));
    CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
    for (const std::string& id : ids) CHECK(id.size() == 56);
}

TEST_CASE("event ids start as those of AWS do at the same time", "[logs][ids]") {
    // Recorded: an event at 1789332893187 had the id 399034569263128986...
    CHECK(position_text(EventPosition::of(1789332893187, 1)).substr(0, 18) == "399034569263128986");
}

TEST_CASE("a position is read back from its digits", "[logs][ids]") {
    const EventPosition position = EventPosition::of(1767225600123, 987654321);
    CHECK(parse_position(position_text(position)) == position);
    CHECK(parse_position(position_text(position.just_after())) == position.just_after());
    CHECK_FALSE(parse_position("1"));
    CHECK_FALSE(parse_position(std::string(56, '9')));
    CHECK_FALSE(parse_position(std::string(55, '0') + "x"));
}

TEST_CASE("positions after the year 2112 have more digits and are read back", "[logs][ids]") {
    struct Row {
        std::int64_t timestamp;
        std::size_t digits;
    };
    const auto row = GENERATE(values<Row>({{4'484'155'085'839, 56},
                                           {4'484'155'085'840, 57},
                                           {9'999'999'999'999, 57},
                                           {44'841'550'858'395, 58},
                                           {253'402'300'799'999, 58},  // the last one of 9999
                                           {(1LL << 48) - 1, 58}}));
    CAPTURE(row.timestamp);
    const EventPosition position = EventPosition::of(row.timestamp, (1LL << 60) - 1);
    const std::string text = position_text(position);
    CHECK(text.size() == row.digits);
    CHECK(parse_position(text) == position);
    CHECK(parse_read_token("f/" + text + "/s")->position == position);
    CHECK_FALSE(parse_position("0" + text));
}

TEST_CASE("a position beyond all times stands at their end", "[logs][ids]") {
    const auto timestamp = GENERATE(as<std::int64_t>{}, 1LL << 48, 1'767'225'600'000'000, INT64_MAX);
    CHECK(parse_position(position_text({timestamp, 1})) == EventPosition{(1LL << 48) - 1, 1});
    CHECK(position_text({-1, 1}) == position_text({0, 1}));
    CHECK_FALSE(parse_position(std::string(58, '9')));
    // 2^192, where the number would begin anew.
    CHECK_FALSE(parse_position("6277101735386680763835789423207666416102355444464034512896"));
}

TEST_CASE("a bound just after an event leaves it out going forward and takes it in going backward",
          "[logs][ids]") {
    const EventPosition event = EventPosition::of(5, 10);
    CHECK(event.last_id_not_after() == 10);
    CHECK(event.first_id_not_before() == 10);
    CHECK(event.just_after().last_id_not_after() == 10);
    CHECK(event.just_after().first_id_not_before() == 11);
    CHECK(event.just_before().last_id_not_after() == 9);
    CHECK(event.just_before().first_id_not_before() == 10);
}

TEST_CASE("tokens of GetLogEvents carry their direction", "[logs][ids]") {
    const std::string text = read_token_text({false, EventPosition::of(7, 1)});
    CHECK(text.substr(0, 2) == "b/");
    CHECK(text.substr(text.size() - 2) == "/s");
    REQUIRE(parse_read_token(text));
    CHECK_FALSE(parse_read_token(text)->forward);
    const auto bad = GENERATE(as<std::string>{}, "", "f", "f//s", "x/" + std::string(56, '0') + "/s",
                              "f/" + std::string(55, '0') + "/s", "f/" + std::string(56, '0') + "/x",
                              "f/" + std::string(57, '0') + "/s", "f/" + std::string(59, '1') + "/s");
    CAPTURE(bad);
    CHECK_FALSE(parse_read_token(bad));
}

TEST_CASE("a page token is good for the query it was made for alone", "[logs][ids]") {
    const std::string token = page_token("query", "a position: ~/+\xC3\xA9");
    CHECK(parse_page_token("query", token) == "a position: ~/+\xC3\xA9");
    CHECK_FALSE(parse_page_token("another", token));
    CHECK_FALSE(parse_page_token("query", "made up"));
    CHECK_FALSE(parse_page_token("query", token + "!"));
}

}  // namespace rockwatch::logs
