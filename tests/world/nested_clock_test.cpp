#include <atomic>
#include <functional>
#include <future>
#include <thread>

#include "core/text_time.hpp"
#include "support/catch.hpp"
#include "support/test_world.hpp"

using namespace rockwatch;
using namespace std::chrono_literals;

namespace {

/// A webhook that does as a test says while it is delivered to.
class Webhook : public deliveries::Sender {
public:
    deliveries::SendResult send(const deliveries::OutgoingPost& post) override {
        // SNS's own message before the subscription is confirmed is nobody's business here.
        if (post.body.find("SubscriptionConfirmation") == std::string::npos) on_notification();
        return {.status = 200};
    }

    std::function<void()> on_notification = [] {};
};

/// A world with threads, as the server has it, on a frozen clock.
struct ThreadedWorld {
    explicit ThreadedWorld(Milliseconds patience) : world(options(patience), webhook) {}

    static WorldOptions options(Milliseconds patience) {
        WorldOptions options;
        options.storage.writer_thread = true;
        options.clock = ClockStart{.mode = ClockMode::frozen, .now = parse_iso("2026-01-01T00:00:00Z")};
        options.delivery_threads = 2;
        options.ticker = true;
        options.delivery_patience = patience;
        return options;
    }

    Json call(std::string_view service, std::string_view operation, const Json& input) {
        Caller caller = world.default_caller();
        caller.request_id = "11111111-2222-4333-8444-555555555555";
        return world.gateway().call(service, operation, caller, input);
    }

    std::string subscribed_topic() {
        std::string topic = call("sns", "CreateTopic", {{"Name", "t"}}).at("TopicArn");
        call("sns", "Subscribe",
             {{"TopicArn", topic}, {"Protocol", "http"}, {"Endpoint", "http://127.0.0.1:9/x"}});
        while (world.outbox().attempts() == 0) std::this_thread::yield();  // the subscription's own message
        return topic;
    }

    void publish(const std::string& topic) {
        call("sns", "Publish", {{"TopicArn", topic}, {"Message", "now"}});
    }

    Webhook webhook;  // outlives the world, whose threads call it
    World world;
};

constexpr Milliseconds far = 1h;
constexpr Milliseconds tiny = 20ms;

}  // namespace

TEST_CASE("an advance waits for a delivery that is under way when it comes", "[clock][deliveries]") {
    ThreadedWorld threaded(far);
    const std::string topic = threaded.subscribed_topic();
    std::promise<void> arrived;
    std::atomic<bool> has_advanced{false};
    std::atomic<bool> was_waited_for{false};
    threaded.webhook.on_notification = [&] {
        arrived.set_value();
        while (!has_advanced && !threaded.world.waits_for_deliveries()) std::this_thread::yield();
        was_waited_for = !has_advanced;
    };
    threaded.publish(topic);
    arrived.get_future().wait();
    const Happened happened = threaded.world.advance(threaded.world.clock().now() + 1min);
    has_advanced = true;
    CHECK(iso_ms(happened.now) == "2026-01-01T00:01:00.000Z");
    CHECK(was_waited_for);
    threaded.world.outbox().stop();
}

TEST_CASE("a clock that is set while a webhook is posted to does not have it posted to twice",
          "[clock][deliveries]") {
    ThreadedWorld threaded(far);
    World& world = threaded.world;
    const std::string topic = threaded.subscribed_topic();
    std::promise<void> arrived;
    std::promise<void> may_end;
    std::atomic<int> posts{0};
    threaded.webhook.on_notification = [&] {
        if (++posts > 1) return;
        arrived.set_value();
        may_end.get_future().wait();
    };
    threaded.publish(topic);
    arrived.get_future().wait();
    // What is put on the agenda anew has come due, and only the first attempt is left.
    const auto come_due = [&, before = world.outbox().handed_in()](std::uint64_t more) {
        while (world.outbox().handed_in() < before + more || world.outbox().waiting() > 1)
            std::this_thread::yield();
    };
    world.set_clock(ClockMode::frozen, world.clock().now(), 1, true);
    come_due(1);
    world.reset({"rules"});
    come_due(2);
    may_end.set_value();
    CHECK(world.outbox().drain_for(far));
    CHECK(posts == 1);
    CHECK(world.outbox().attempts() == 2);
}

TEST_CASE("a webhook that advances the clock while nobody else does gets its answer", "[clock][deliveries]") {
    ThreadedWorld threaded(tiny);
    const std::string topic = threaded.subscribed_topic();
    std::promise<Happened> advanced;
    threaded.webhook.on_notification = [&] {
        advanced.set_value(threaded.world.advance(threaded.world.clock().now() + 1min));
    };
    threaded.publish(topic);
    CHECK(iso_ms(advanced.get_future().get().now) == "2026-01-01T00:01:00.000Z");
    CHECK(threaded.world.outbox().drain_for(far));
    CHECK(threaded.world.outbox().attempts() == 2);
}

TEST_CASE("a webhook that moves the clock while an advance waits for it is refused", "[clock][deliveries]") {
    ThreadedWorld threaded(tiny);
    const std::string topic = threaded.subscribed_topic();
    threaded.call("cloudwatch", "PutMetricAlarm",
                  {{"AlarmName", "a"},
                   {"Namespace", "N"},
                   {"MetricName", "m"},
                   {"Statistic", "Maximum"},
                   {"Period", 60},
                   {"EvaluationPeriods", 1},
                   {"Threshold", 10.0},
                   {"ComparisonOperator", "GreaterThanThreshold"},
                   {"TreatMissingData", "notBreaching"},
                   {"OKActions", Json::array({topic})}});
    using Move = std::function<void(World&)>;
    const auto move = GENERATE(
        values<Move>({[](World& world) { world.advance(world.clock().now() + 1min); },
                      [](World& world) { world.set_clock(ClockMode::real, world.clock().now(), 1, true); },
                      [](World& world) { world.evaluate({}); }, [](World& world) { world.reset({}); }}));
    std::promise<std::string> refusal;
    threaded.webhook.on_notification = [&] {
        try {
            move(threaded.world);
            refusal.set_value("none");
        } catch (const InputError& error) {
            refusal.set_value(error.code + " " + std::to_string(error.status));
        }
    };
    const Happened happened = threaded.world.advance(threaded.world.clock().now() + 2min);
    CHECK(happened.transitions.size() == 1);
    CHECK(happened.deliveries == 1);
    CHECK(refusal.get_future().get() == "ClockBusy 409");
    CHECK(iso_ms(threaded.world.clock().now()) == "2026-01-01T00:02:00.000Z");
}

TEST_CASE("two advances queue, each from the reading that the other left", "[clock]") {
    ThreadedWorld threaded(tiny);
    const Instant start = threaded.world.clock().now();
    std::vector<std::future<void>> both;
    for (const Milliseconds by : {Milliseconds{15min}, Milliseconds{1min}}) {
        both.push_back(std::async(std::launch::async, [&, by] { threaded.world.advance(by); }));
    }
    for (auto& one : both) CHECK_NOTHROW(one.get());
    CHECK(threaded.world.clock().now() == start + 16min);
}

TEST_CASE("a clock that goes on from its reading goes on from the one that an advance leaves", "[clock]") {
    ThreadedWorld threaded(far);
    const std::string topic = threaded.subscribed_topic();
    std::promise<void> arrived;
    std::promise<void> may_end;
    threaded.webhook.on_notification = [&, wait = may_end.get_future().share()] {
        arrived.set_value();
        wait.wait();
    };
    threaded.publish(topic);
    arrived.get_future().wait();
    auto advanced = std::async(std::launch::async, [&] { threaded.world.advance(Milliseconds{15min}); });
    while (!threaded.world.waits_for_deliveries()) std::this_thread::yield();
    auto set = std::async(std::launch::async,
                          [&] { threaded.world.set_clock(ClockMode::frozen, std::nullopt, 1, false); });
    may_end.set_value();
    advanced.get();
    CHECK_NOTHROW(set.get());
    CHECK(iso_ms(threaded.world.clock().now()) == "2026-01-01T00:15:00.000Z");
    threaded.world.outbox().stop();
}
