#include "services/logs/batch.hpp"

#include "core/error.hpp"
#include "core/text_time.hpp"
#include "support/catch.hpp"

namespace rockwatch::logs {

namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t day_ms = 24 * hour_ms;
const Instant now = *parse_iso("2026-01-15T00:00:00Z");

std::vector<NewEvent> at(std::initializer_list<std::int64_t> offsets) {
    std::vector<NewEvent> events;
    for (const std::int64_t offset : offsets) events.push_back({epoch_ms(now) + offset, "m"});
    return events;
}

std::string refusal(const std::function<void()>& action) {
    try {
        action();
    } catch (const ServiceError& error) {
        return error.code + ": " + error.message;
    }
    return "taken";
}

}  // namespace

TEST_CASE("the recorded batch is cut at age, retention and future as AWS cut it", "[logs][put]") {
    // stackd, ingestion.json, mixed-retention-old-valid-future
    const auto events = at({-16 * day_ms, -15 * day_ms, -2 * day_ms, -36 * hour_ms, -2 * hour_ms, -hour_ms,
                            3 * hour_ms, 4 * hour_ms});
    const Admission admission = admit(events, now, 1);
    CHECK(admission.too_old_end == 2);
    CHECK(admission.expired_end == 4);
    CHECK(admission.too_new_start == 6);
    CHECK(admission.first == 4);
    CHECK(admission.end == 6);

    const Admission without =
        admit(at({-16 * day_ms, -15 * day_ms, -2 * hour_ms, -hour_ms, 3 * hour_ms}), now, {});
    CHECK(without.too_old_end == 2);
    CHECK_FALSE(without.expired_end);
    CHECK(without.too_new_start == 4);
}

TEST_CASE("events may be exactly 14 days old, as old as the retention, and two hours ahead", "[logs][put]") {
    CHECK(admit(at({-14 * day_ms}), now, {}).first == 0);
    CHECK(admit(at({-14 * day_ms - 1}), now, {}).too_old_end == 1);
    CHECK(admit(at({-day_ms}), now, 1).first == 0);
    CHECK(admit(at({-day_ms - 1}), now, 1).expired_end == 1);
    CHECK(admit(at({2 * hour_ms}), now, {}).end == 1);
    CHECK(admit(at({2 * hour_ms + 1}), now, {}).too_new_start == 0);
}

TEST_CASE("a batch spans 24 hours at most, without the events that are left out", "[logs][put]") {
    const std::string too_long =
        "InvalidParameterException: The batch of log events in a single PutLogEvents request cannot span "
        "more than 24 hours.";
    CHECK(refusal([] { admit(at({-day_ms, 0}), now, {}); }) == "taken");
    CHECK(refusal([] { admit(at({-day_ms - 1, 0}), now, {}); }) == too_long);
    CHECK(refusal([] { admit(at({-16 * day_ms, -23 * hour_ms, 0, 3 * hour_ms}), now, {}); }) == "taken");
}

TEST_CASE("a batch is a megabyte at most and in order, and size is judged first", "[logs][put]") {
    const std::string largest(1'048'550, 'x');
    const std::string larger(1'048'552, 'x');
    const std::string half(600'000, 'x');
    const std::vector<NewEvent> one = {{0, largest}};
    CHECK(refusal([&] { check_batch(one); }) == "taken");
    const std::vector<NewEvent> too_large = {{5, larger}, {0, "earlier"}};
    CHECK(refusal([&] { check_batch(too_large); }) ==
          "InvalidParameterException: Log event too large: 1048578 bytes exceeds limit of 1048576");
    const std::vector<NewEvent> two = {{0, half}, {0, half}};
    CHECK(refusal([&] { check_batch(two); }) ==
          "InvalidParameterException: Upload too large: 1200052 bytes exceeds limit of 1048576");
    const std::vector<NewEvent> reversed = {{5, "late"}, {4, "early"}};
    CHECK(refusal([&] { check_batch(reversed); }) ==
          "InvalidParameterException: Log events in a single PutLogEvents request must be in chronological "
          "order.");
    const std::vector<NewEvent> equal = {{5, "a"}, {5, "b"}};
    CHECK(refusal([&] { check_batch(equal); }) == "taken");
}

}  // namespace rockwatch::logs
