#include "deliveries/outbox.hpp"

#include <cstdio>
#include <filesystem>
#include <thread>

#include "core/text_time.hpp"
#include "deliveries/recording_sender.hpp"
#include "support/catch.hpp"

using namespace rockwatch;
using namespace rockwatch::deliveries;
using namespace std::chrono_literals;

namespace {

const Instant start = *parse_iso("2026-01-01T00:00:00Z");

/// A storage, a frozen clock and an outbox over them.
struct Office {
    explicit Office(RecordingSender& sender, OutboxOptions options = {.threads = 0},
                    const std::string& path = ":memory:")
        : storage({.path = path, .writer_thread = options.threads > 0}, std::vector{migrations()}),
          outbox(storage, agenda, clock, sender, options) {
        clock.set(ClockMode::frozen, start);
        outbox.start();
    }

    std::int64_t add(const NewDelivery& delivery) {
        return storage.write([&](Database& database) { return outbox.add(database, delivery, clock.now()); });
    }
    /// As setting the clock does, and runs what is due.
    void make_agenda_anew() {
        agenda.clear();
        outbox.start();
        agenda.run_until(clock.now(), clock);
    }

    void advance(Milliseconds by) {
        const Instant to = clock.now() + by;
        agenda.run_until(to, clock, [this] { outbox.drain_since(0); });
        clock.advance_to(to);
    }
    Json list(const DeliveryFilter& filter = {}) {
        const auto lease = storage.read();
        return outbox.list(*lease, filter);
    }
    Json only() {
        const Json found = list().at("deliveries");
        REQUIRE(found.size() == 1);
        return found[0];
    }

    VirtualClock clock;
    Agenda agenda;
    Storage storage;
    Outbox outbox;
};

NewDelivery webhook(const std::string& url = "http://localhost:9000/hook") {
    return {.owner = {"111122223333", "us-east-1"},
            .source = "sns",
            .protocol = "http",
            .target = url,
            .topic = "arn:aws:sns:us-east-1:111122223333:oncall",
            .payload = R"({"Message":"hi"})",
            .headers = {{"x-amz-sns-message-type", "Notification"}}};
}

NewDelivery lambda() {
    NewDelivery delivery = webhook("arn:aws:lambda:us-east-1:111122223333:function:f");
    delivery.protocol = "lambda";
    return delivery;
}

SendResult unavailable() { return {.status = 503, .error = "HTTP 503"}; }

}  // namespace

TEST_CASE("a delivery to a webhook is pending until the agenda runs, then it was delivered", "[deliveries]") {
    RecordingSender sender;
    Office office(sender);
    office.add(webhook());
    CHECK(office.only().at("status") == "pending");
    CHECK(office.only().at("attempts") == 0);
    CHECK(sender.posts().empty());

    office.advance(0ms);
    REQUIRE(sender.posts().size() == 1);
    CHECK(sender.posts()[0].url == "http://localhost:9000/hook");
    CHECK(sender.posts()[0].body == R"({"Message":"hi"})");
    CHECK(sender.posts()[0].headers.get("x-amz-sns-message-type") == "Notification");
    CHECK(office.only() == Json{{"id", 1},
                                {"time", "2026-01-01T00:00:00.000Z"},
                                {"source", "sns"},
                                {"target", "http://localhost:9000/hook"},
                                {"topic", "arn:aws:sns:us-east-1:111122223333:oncall"},
                                {"protocol", "http"},
                                {"status", "delivered"},
                                {"attempts", 1},
                                {"httpStatus", 200},
                                {"payload", {{"Message", "hi"}}},
                                {"error", nullptr}});
    CHECK(office.outbox.attempts() == 1);
}

TEST_CASE("a webhook that is down gets three retries, twenty seconds of the emulator's time apart",
          "[deliveries]") {
    RecordingSender sender({unavailable()});
    Office office(sender);
    office.add(webhook());
    office.advance(19'999ms);
    CHECK(sender.posts().size() == 1);
    CHECK(office.only().at("status") == "pending");
    CHECK(office.only().at("nextAttempt") == "2026-01-01T00:00:20.000Z");
    office.advance(1ms);
    CHECK(sender.posts().size() == 2);
    office.advance(1h);
    CHECK(sender.posts().size() == 4);
    CHECK(office.only().at("status") == "failed");
    CHECK(office.only().at("attempts") == 4);
    CHECK(office.only().at("error") == "HTTP 503");
}

TEST_CASE("a retry that succeeds ends the matter", "[deliveries]") {
    RecordingSender sender({unavailable(), {.status = 204}});
    Office office(sender);
    office.add(webhook());
    office.advance(1h);
    CHECK(sender.posts().size() == 2);
    CHECK(office.only().at("status") == "delivered");
    CHECK(office.only().at("error") == nullptr);
}

TEST_CASE("what an answer means for a delivery follows SNS", "[deliveries]") {
    struct Row {
        SendResult result;
        Status status;
    };
    const auto row = GENERATE(values<Row>({
        {{.status = 200}, Status::delivered},
        {{.status = 204}, Status::delivered},
        {{.status = 302, .error = "HTTP 302"}, Status::failed},
        {{.status = 400, .error = "HTTP 400"}, Status::failed},
        {{.status = 404, .error = "HTTP 404"}, Status::failed},
        {{.status = 429, .error = "HTTP 429"}, Status::pending},
        {{.status = 500, .error = "HTTP 500"}, Status::pending},
        {{.status = 503, .error = "HTTP 503"}, Status::pending},
        {{.error = "did not answer in time"}, Status::pending},
        {{.error = "not allowed", .refused = true}, Status::failed},
    }));
    CAPTURE(row.result.status, row.result.error);
    CHECK(judge(row.result) == row.status);
}

TEST_CASE("an ARN that nobody mapped is captured; --destination has it posted", "[deliveries]") {
    RecordingSender sender;
    const bool mapped = GENERATE(false, true);
    Office office(sender, {.threads = 0,
                           .destinations = mapped ? std::vector<Destination>{{"arn:aws:lambda:*:function:f",
                                                                              "http://localhost:1/f"}}
                                                  : std::vector<Destination>{}});
    office.add(lambda());
    office.advance(0ms);
    CHECK(office.only().at("status") == (mapped ? "delivered" : "captured"));
    CHECK(office.only().at("target") == "arn:aws:lambda:us-east-1:111122223333:function:f");
    CHECK(sender.posts().size() == (mapped ? 1 : 0));
    if (mapped) CHECK(sender.posts()[0].url == "http://localhost:1/f");
}

TEST_CASE("a delivery that was settled elsewhere is only kept", "[deliveries]") {
    RecordingSender sender;
    Office office(sender);
    NewDelivery queue = webhook("arn:aws:sqs:us-east-1:111122223333:q");
    queue.protocol = "sqs";
    queue.settled = GENERATE(Status::delivered, Status::failed, Status::captured);
    queue.payload = "not JSON";
    office.add(queue);
    office.advance(1h);
    CHECK(office.only().at("status") == status_text(*queue.settled));
    CHECK(office.only().at("payload") == "not JSON");
    CHECK(office.only().at("attempts") == (queue.settled == Status::captured ? 0 : 1));
    CHECK(sender.posts().empty());
    CHECK(office.outbox.attempts() == 1);
}

TEST_CASE("a change that is rolled back delivers nothing", "[deliveries]") {
    RecordingSender sender;
    Office office(sender);
    CHECK_THROWS(office.storage.write([&](Database& database) {
        office.outbox.add(database, webhook(), start);
        office.outbox.add(database, lambda(), start);
        throw std::runtime_error("no");
    }));
    office.advance(1h);
    CHECK(office.outbox.attempts() == 0);
    CHECK(sender.posts().empty());
    CHECK(office.list().at("deliveries").empty());
}

TEST_CASE("each post says how many deliveries led to it, and a loop ends at the eighth", "[deliveries]") {
    RecordingSender sender;
    Office office(sender);
    NewDelivery delivery = webhook();
    delivery.hops = 7;
    office.add(delivery);
    delivery.hops = 8;
    office.add(delivery);
    office.advance(0ms);
    REQUIRE(sender.posts().size() == 1);
    CHECK(sender.posts()[0].headers.get("x-rockwatch-hops") == "8");
    const Json last = office.list().at("deliveries").at(1);
    CHECK(last.at("status") == "failed");
    CHECK(last.at("error") == "delivery loop: 8 deliveries in a row led to this one");
    CHECK(office.outbox.attempts() == 1);
}

TEST_CASE("a target with a long queue of its own takes no more, others do", "[deliveries]") {
    RecordingSender sender({unavailable()});
    Office office(sender, {.threads = 0, .pending_per_target = 2});
    for (int i = 0; i < 3; ++i) office.add(webhook());
    office.add(webhook("http://localhost:9001/"));
    CHECK(office.list({.status = "failed"}).at("deliveries").size() == 1);
    CHECK(office.list({.status = "failed"}).at("deliveries")[0].at("error") ==
          "2 deliveries wait for this target already");
    CHECK(office.list({.status = "pending"}).at("deliveries").size() == 3);
}

TEST_CASE("only the newest deliveries are kept", "[deliveries]") {
    RecordingSender sender;
    Office office(sender, {.threads = 0, .journal_size = 3});
    for (int i = 0; i < 5; ++i) office.add(lambda());
    const Json found = office.list().at("deliveries");
    REQUIRE(found.size() == 3);
    CHECK(found[0].at("id") == 3);
    CHECK(found[2].at("id") == 5);
}

TEST_CASE("deliveries are listed page by page, by target, topic, status and time", "[deliveries]") {
    RecordingSender sender;
    Office office(sender);
    for (int i = 0; i < 3; ++i) office.add(lambda());
    office.clock.advance_to(start + 1min);
    office.add(webhook());

    const Json first = office.list({.limit = 3});
    CHECK(first.at("deliveries").size() == 3);
    CHECK(first.at("next") == "3");
    const Json rest = office.list({.after = 3, .limit = 3});
    CHECK(rest.at("deliveries").size() == 1);
    CHECK_FALSE(rest.contains("next"));

    const auto count = [&](const DeliveryFilter& filter) {
        return office.list(filter).at("deliveries").size();
    };
    CHECK(count({.target = "*:function:f"}) == 3);
    CHECK(count({.target = "http://localhost:9000/hook"}) == 1);
    CHECK(count({.target = "*:oncall"}) == 4);
    CHECK(count({.target = "*:off"}) == 0);
    CHECK(count({.status = "captured"}) == 3);
    CHECK(count({.source = "alarm"}) == 0);
    CHECK(count({.since = start + 1min}) == 1);
}

TEST_CASE("a reset forgets deliveries, and a retry that was due meets nothing", "[deliveries]") {
    RecordingSender sender({unavailable()});
    Office office(sender);
    office.add(webhook());
    office.advance(0ms);
    office.storage.write([&](Database& database) { office.outbox.reset(database); });
    office.advance(1h);
    CHECK(sender.posts().size() == 1);
    CHECK(office.list().at("deliveries").empty());
}

TEST_CASE("a delivery that was given up goes to its dead-letter queue, in the same change", "[deliveries]") {
    RecordingSender sender({{.status = 410, .error = "HTTP 410: gone"}});
    Office office(sender);
    std::vector<DeadLetter> letters;
    office.outbox.on_dead_letter(
        [&](Database&, const DeadLetter& letter, Instant) { letters.push_back(letter); });
    NewDelivery delivery = webhook();
    delivery.dead_letter = "arn:aws:sqs:us-east-1:111122223333:dead";
    office.add(delivery);
    office.advance(0ms);
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].queue_arn == "arn:aws:sqs:us-east-1:111122223333:dead");
    CHECK(letters[0].payload == R"({"Message":"hi"})");
    CHECK(letters[0].http_status == 410);
    CHECK(letters[0].error == "HTTP 410: gone");
}

TEST_CASE("who watches hears of each step of a delivery after it was committed", "[deliveries]") {
    RecordingSender sender({unavailable(), {.status = 200}});
    Office office(sender);
    std::vector<std::pair<Status, int>> heard;
    office.outbox.on_change(
        [&](const DeliveryChange& change) { heard.emplace_back(change.status, change.attempts); });
    office.add(webhook());
    office.advance(1min);
    CHECK(heard == std::vector<std::pair<Status, int>>{
                       {Status::pending, 0}, {Status::pending, 1}, {Status::delivered, 2}});
}

TEST_CASE("what was pending is tried after a restart, and what was done is not", "[deliveries]") {
    const auto path =
        std::filesystem::temp_directory_path() / ("rockwatch-outbox-" + std::to_string(::getpid()) + ".db");
    for (const char* suffix : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(path.string() + suffix);
    {
        RecordingSender sender({{.status = 200}, unavailable()});
        Office office(sender, {.threads = 0}, path.string());
        office.add(webhook("http://localhost:1/done"));
        office.add(webhook("http://localhost:1/later"));
        office.advance(0ms);
    }
    RecordingSender sender;
    Office office(sender, {.threads = 0}, path.string());
    office.outbox.start();  // twice: a clock that was set anew starts it again
    office.advance(1min);
    REQUIRE(sender.posts().size() == 1);
    CHECK(sender.posts()[0].url == "http://localhost:1/later");
    CHECK(office.list({.status = "delivered"}).at("deliveries").size() == 2);
    for (const char* suffix : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(path.string() + suffix);
}

TEST_CASE("an attempt that is under way is not made a second time because the agenda was made anew",
          "[deliveries]") {
    RecordingSender sender({unavailable(), {.status = 200}});
    Office office(sender);
    int posts = 0;
    sender.meanwhile([&] {
        if (++posts == 1) office.make_agenda_anew();
    });
    office.add(webhook());
    office.advance(0ms);
    CHECK(sender.posts().size() == 1);
    office.advance(1h);
    CHECK(sender.posts().size() == 2);
    CHECK(office.only().at("status") == "delivered");
}

TEST_CASE("an attempt that could not be noted is made again, also when it was asked for anew meanwhile",
          "[deliveries]") {
    RecordingSender sender({{.status = 410, .error = "HTTP 410: gone"}});
    Office office(sender);
    int posts = 0;
    sender.meanwhile([&] {
        if (++posts == 1) office.make_agenda_anew();
    });
    office.outbox.on_dead_letter([&](Database&, const DeadLetter&, Instant) {
        if (posts == 1) throw std::runtime_error("the disk is full");
    });
    NewDelivery delivery = webhook();
    delivery.dead_letter = "arn:aws:sqs:us-east-1:111122223333:dead";
    office.add(delivery);
    office.advance(0ms);
    CHECK(office.only().at("status") == "pending");
    office.advance(1min);
    CHECK(sender.posts().size() == 2);
    CHECK(office.only().at("status") == "failed");
}

TEST_CASE("with threads, drain waits for the attempts, which hold no lock while a webhook calls back",
          "[deliveries]") {
    RecordingSender sender;
    Office office(sender, {.threads = 4});
    sender.meanwhile([&] { office.storage.write([](Database&) {}); });
    for (int i = 0; i < 20; ++i) office.add(webhook());
    office.advance(0ms);
    CHECK(sender.posts().size() == 20);
    CHECK(office.list({.status = "delivered"}).at("deliveries").size() == 20);
    CHECK(office.outbox.attempts() == 20);
}
