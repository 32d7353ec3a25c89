#include <fmt/format.h>

#include <chrono>

#include "control/event_stream.hpp"
#include "control/input.hpp"
#include "control/routes.hpp"
#include "core/text_time.hpp"

namespace rockwatch::control {

namespace {

using std::chrono::steady_clock;

constexpr double timeout_seconds_default = 10;
constexpr double timeout_seconds_max = 600;

steady_clock::duration read_timeout(const ControlRequest& request) {
    const std::string* text = request.find("timeout");
    const double seconds = text == nullptr ? timeout_seconds_default : read_real(*text, "/timeout");
    if (!(seconds >= 0 && seconds <= timeout_seconds_max)) {
        throw bad_request("InvalidRequest", "timeout must be from 0 to 600 seconds", "/timeout");
    }
    return std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(seconds));
}

/// What is waited for, and what to say when it does not come about.
class Wish {
public:
    virtual ~Wish() = default;
    /// What may bring it about.
    virtual Feed::Kind kind() const = 0;
    /// The answer once it holds.
    virtual std::optional<Json> granted() = 0;
    /// The present state: beside the error's code and message.
    virtual Json present() = 0;
    virtual std::string unmet() = 0;
};

class AlarmWish : public Wish {
public:
    AlarmWish(World& world, std::string name, std::string state, std::optional<Instant> since)
        : world_(world), name_(std::move(name)), state_(std::move(state)), since_(since) {}

    Feed::Kind kind() const override { return Feed::Kind::alarm; }

    std::optional<Json> granted() override {
        standing_ = world_.alarm_standing(name_);
        if (standing_ && standing_->state == state_ && (!since_ || standing_->since >= *since_))
            return told(*standing_);
        if (!since_) return std::nullopt;
        // It may have gone on to another state by now.
        const auto change = world_.transitions().newest(name_, state_, *since_);
        if (!change) return std::nullopt;
        return told(
            {.owner = change->owner, .state = change->to, .reason = change->reason, .since = change->at});
    }

    Json present() override {
        return standing_ ? told(*standing_) : Json{{"alarm", name_}, {"state", nullptr}};
    }

    std::string unmet() override {
        if (!standing_) return fmt::format("there is no alarm {}", name_);
        return fmt::format("the alarm {} is {}, not {}", name_, standing_->state, state_);
    }

private:
    Json told(const cloudwatch::AlarmStanding& standing) const {
        return {{"alarm", name_},
                {"accountId", standing.owner.account},
                {"region", standing.owner.region},
                {"state", standing.state},
                {"since", iso_ms(standing.since)},
                {"reason", standing.reason}};
    }

    World& world_;
    const std::string name_;
    const std::string state_;
    const std::optional<Instant> since_;
    std::optional<cloudwatch::AlarmStanding> standing_;
};

/// A delivery that has come to an end; how it ended is for `status` to ask.
class DeliveryWish : public Wish {
public:
    DeliveryWish(World& world, deliveries::DeliveryFilter filter)
        : world_(world), filter_(std::move(filter)) {
        filter_.limit = 1;
        filter_.ended = filter_.status.empty();
    }

    Feed::Kind kind() const override { return Feed::Kind::delivery; }

    std::optional<Json> granted() override {
        Json found = list(filter_);
        if (found.empty()) return std::nullopt;
        return Json{{"delivery", std::move(found.front())}};
    }

    Json present() override {
        deliveries::DeliveryFilter any = filter_;
        any.status.clear();
        any.ended = false;
        any.limit = 100;
        return {{"deliveries", list(any)}};
    }

    std::string unmet() override {
        return fmt::format("no delivery to {} has {}", filter_.target,
                           filter_.status.empty() ? "ended" : "been " + filter_.status);
    }

private:
    Json list(const deliveries::DeliveryFilter& filter) {
        auto& storage = world_.storage();
        storage.wait_for(storage.position());
        const auto lease = storage.read();
        return world_.outbox().list(*lease, filter).at("deliveries");
    }

    World& world_;
    deliveries::DeliveryFilter filter_;
};

class CallWish : public Wish {
public:
    CallWish(World& world, JournalFilter filter) : world_(world), filter_(std::move(filter)) {
        filter_.limit = 1;
    }

    Feed::Kind kind() const override { return Feed::Kind::call; }

    std::optional<Json> granted() override {
        const std::int64_t newest = world_.journal().newest_id();
        Json found = world_.journal().list(filter_).at("calls");
        filter_.after = newest;  // those before it need no second look
        if (found.empty()) return std::nullopt;
        return Json{{"call", std::move(found.front())}};
    }

    Json present() override { return {{"calls", Json::array()}}; }

    std::string unmet() override { return fmt::format("there was no call of {}", filter_.operation); }

private:
    World& world_;
    JournalFilter filter_;
};

std::unique_ptr<Wish> read_alarm_wish(World& world, const ControlRequest& request, const std::string& name) {
    const std::string* state = request.find("state");
    if (state == nullptr)
        throw bad_request("InvalidRequest", "state is missing: OK, ALARM or INSUFFICIENT_DATA", "/state");
    if (*state != "OK" && *state != "ALARM" && *state != "INSUFFICIENT_DATA") {
        throw bad_request("InvalidRequest",
                          fmt::format("there is no state {}: it is OK, ALARM or INSUFFICIENT_DATA", *state),
                          "/state");
    }
    return std::make_unique<AlarmWish>(world, name, *state, read_since(request));
}

std::unique_ptr<Wish> read_wish(World& world, const ControlRequest& request) {
    const std::string* alarm = request.find("alarm");
    const std::string* delivery = request.find("delivery");
    const std::string* call = request.find("call");
    const int given = (alarm != nullptr) + (delivery != nullptr) + (call != nullptr);
    if (given != 1) throw bad_request("InvalidRequest", "give one of alarm, delivery and call");
    for (const char* name : {"alarm", "delivery", "call"}) {
        const std::string* value = request.find(name);
        if (value != nullptr && value->empty())
            throw bad_request("InvalidRequest", "is empty", std::string("/") + name);
    }
    if (alarm == nullptr && request.find("state") != nullptr)
        throw bad_request("InvalidRequest", "only an alarm has a state", "/state");
    for (const char* name : {"service", "modelId"}) {
        if (call == nullptr && request.find(name) != nullptr)
            throw bad_request("InvalidRequest", "only a call has it", std::string("/") + name);
    }
    if (alarm != nullptr) {
        if (request.find("status") != nullptr)
            throw bad_request("InvalidRequest", "an alarm has a state, not a status", "/status");
        return read_alarm_wish(world, request, *alarm);
    }
    if (delivery != nullptr) {
        return std::make_unique<DeliveryWish>(
            world,
            deliveries::DeliveryFilter{
                .target = *delivery, .status = read_delivery_status(request), .since = read_since(request)});
    }
    return std::make_unique<CallWish>(world, JournalFilter{.service = text_of(request, "service"),
                                                           .operation = *call,
                                                           .model_id = text_of(request, "modelId"),
                                                           .status = read_http_status(request),
                                                           .since = read_since(request)});
}

ControlAnswer wait(Control& control, const ControlRequest& request) {
    const auto timeout = read_timeout(request);
    const auto wish = read_wish(control.world, request);
    const auto deadline = steady_clock::now() + timeout;
    Feed::Watch watch(control.world.feed(), wish->kind());
    for (;;) {
        if (auto answer = wish->granted()) return {.body = std::move(*answer)};
        if (!watch.wait_until(deadline)) break;
    }
    Json body = wish->present();
    const double seconds = std::chrono::duration<double>(timeout).count();
    const std::string when =
        watch.has_stopped() ? "the server stops, and" : fmt::format("after {} s", seconds);
    body["error"] = {{"code", "WaitTimeout"}, {"message", fmt::format("{} {}", when, wish->unmet())}};
    return {.status = 408, .body = std::move(body)};
}

/// `Last-Event-ID` is what browsers' EventSource sends when it connects anew.
ControlAnswer follow_events(Control& control, const ControlRequest& request) {
    std::optional<std::uint64_t> after;
    const std::string* parameter = request.find("after");
    if (parameter != nullptr) after = static_cast<std::uint64_t>(read_integer(*parameter, "/after"));
    if (parameter == nullptr && !request.last_event_id.empty())
        after = static_cast<std::uint64_t>(read_integer(request.last_event_id, "/Last-Event-ID"));
    const auto kinds = read_kinds(request);
    return {.live = std::make_shared<EventStream>(control.world.feed().follow(after), kinds),
            .content_type = "text/event-stream; charset=utf-8"};
}

constexpr Route routes[] = {
    {"GET", "/_rockwatch/events", follow_events, "types after"},
    {"GET", "/_rockwatch/wait", wait, "alarm state delivery call service modelId status since timeout"},
};

}  // namespace

std::span<const Route> watch_routes() { return routes; }

}  // namespace rockwatch::control
