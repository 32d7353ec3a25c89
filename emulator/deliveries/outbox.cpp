#include "deliveries/outbox.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

#include "core/error.hpp"
#include "core/log.hpp"
#include "deliveries/delivery_store.hpp"

namespace rockwatch::deliveries {

namespace {

/// Before an attempt that the database stood in the way of is made again.
constexpr Milliseconds pause_after_failure = std::chrono::seconds{5};

/// SNS spends at most an hour on the retries of one message (protocols.md 5.7).
constexpr Milliseconds retries_end_within = std::chrono::hours{1};

bool speaks_http(const NewDelivery& delivery) {
    return delivery.protocol == "http" || delivery.protocol == "https";
}

/// Of what goes to a destination: a function's event is a document, a mail's text is not.
std::string type_of(std::string_view payload) {
    const bool is_document = (payload.starts_with('{') || payload.starts_with('[')) && parse_json(payload);
    return is_document ? "application/json" : "text/plain; charset=UTF-8";
}

void fail(Delivery& delivery, std::string why) {
    delivery.status = Status::failed;
    delivery.error = std::move(why);
}

/// For the person whose webhook stays silent.
void log_change(const DeliveryChange& change, const std::string& error) {
    const std::string target = log_safe(change.target);
    if (change.status == Status::failed) {
        spdlog::warn("delivery {} to {} was given up after {} attempts: {}", change.id, target,
                     change.attempts, log_safe(error));
    } else if (change.status == Status::captured) {
        spdlog::info("delivery {} to {} stays here, at /_rockwatch/deliveries: {}", change.id, target,
                     error.empty() ? "nothing takes it" : log_safe(error));
    } else if (!error.empty()) {
        spdlog::info("delivery {} to {} failed and will be tried again: {}", change.id, target,
                     log_safe(error));
    } else {
        spdlog::debug("delivery {} to {}: {}", change.id, target, status_text(change.status));
    }
}

}  // namespace

/// An attempt while it is made; false when it is being made already. Whoever comes second may leave it at
/// that: the first notes what came of it, or puts it on the agenda again.
class Outbox::UnderWay {
public:
    UnderWay(Outbox& outbox, std::int64_t id, int attempts_so_far)
        : outbox_(outbox), number_(id, attempts_so_far) {
        const std::lock_guard lock(outbox_.under_way_mutex_);
        is_first_ = outbox_.under_way_.insert(number_).second;
    }
    ~UnderWay() {
        if (!is_first_) return;
        const std::lock_guard lock(outbox_.under_way_mutex_);
        outbox_.under_way_.erase(number_);
    }
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;
    explicit operator bool() const { return is_first_; }

private:
    Outbox& outbox_;
    const std::pair<std::int64_t, int> number_;
    bool is_first_ = false;
};

Outbox::Outbox(Storage& storage, Agenda& agenda, const Clock& clock, Sender& sender, OutboxOptions options)
    : storage_(storage),
      agenda_(agenda),
      clock_(clock),
      sender_(sender),
      options_(std::move(options)),
      pool_(options_.threads) {}

void Outbox::start() {
    const auto lease = storage_.read();
    const Instant now = clock_.now();
    for (const auto& [id, attempts_so_far, next_attempt] : DeliveryReader(*lease).pending()) {
        // After the clock was set back, a retry must not wait until the old time comes again.
        const bool plausible = next_attempt <= now + retries_end_within;
        schedule(id, attempts_so_far, plausible ? next_attempt : now);
    }
}

void Outbox::stop() {
    sender_.cancel();
    pool_.stop();
}

/// Decides what becomes of a new delivery, before anything is sent.
Delivery Outbox::routed(Database& database, const NewDelivery& asked, Instant now) const {
    Delivery delivery{asked};
    delivery.time = now;
    if (asked.settled) {
        delivery.status = *asked.settled;
        const bool tried = delivery.status == Status::delivered || delivery.status == Status::failed;
        delivery.attempts = tried ? 1 : 0;
        return delivery;
    }
    if (speaks_http(asked)) {
        delivery.url = asked.target;
    } else if (const Destination* destination = find_destination(options_.destinations, asked.target)) {
        delivery.url = destination->url;
    } else {
        delivery.status = Status::captured;
        return delivery;
    }
    if (asked.hops >= hops_max) {
        fail(delivery, fmt::format("delivery loop: {} deliveries in a row led to this one", asked.hops));
    } else if (DeliveryReader(database).count_pending(asked.target) >=
               static_cast<std::int64_t>(options_.pending_per_target)) {
        fail(delivery,
             fmt::format("{} deliveries wait for this target already", options_.pending_per_target));
    } else {
        delivery.next_attempt = now;
    }
    return delivery;
}

std::int64_t Outbox::add(Database& database, const NewDelivery& asked, Instant now) {
    Delivery delivery = routed(database, asked, now);
    DeliveryWriter writer(database);
    delivery.id = writer.add(delivery);
    writer.keep_newest(options_.journal_size, delivery.id);
    if (delivery.status == Status::pending) {
        database.after_commit([this, id = delivery.id, now] { schedule(id, 0, now); });
    }
    if (delivery.attempts > 0 || delivery.status == Status::captured)
        database.after_commit([this] { ++attempts_; });
    tell(database, delivery);
    if (delivery.status == Status::failed) hand_on_dead_letter(database, delivery, now);
    return delivery.id;
}

void Outbox::schedule(std::int64_t id, int attempts_so_far, Instant due) {
    agenda_.add(due, [this, id, attempts_so_far](Instant) {
        pool_.run([this, id, attempts_so_far] { attempt(id, attempts_so_far); });
    });
}

void Outbox::attempt(std::int64_t id, int attempts_so_far) try {
    const UnderWay under_way(*this, id, attempts_so_far);
    if (!under_way) return;  // the agenda was made anew meanwhile
    std::optional<Delivery> delivery;
    {
        const auto lease = storage_.read();
        delivery = DeliveryReader(*lease).find(id);
    }
    // Reset, or on the agenda twice since a restart of it.
    if (!delivery || delivery->status != Status::pending || delivery->attempts != attempts_so_far) return;
    OutgoingPost post{
        .url = delivery->url, .headers = delivery->headers, .body = std::move(delivery->payload)};
    post.headers.set(hops_header, std::to_string(delivery->hops + 1));
    if (post.headers.find("Content-Type") == nullptr) post.headers.add("Content-Type", type_of(post.body));
    const SendResult result = sender_.send(post);
    if (result.cancelled) return;
    ++attempts_;
    note_attempt(id, attempts_so_far, result);
} catch (const std::exception& error) {  // a pool's thread begins here
    spdlog::error("delivery {} could not be attempted, and will be again: {}", id, error.what());
    schedule(id, attempts_so_far, clock_.now() + pause_after_failure);
}

void Outbox::note_attempt(std::int64_t id, int attempts_so_far, const SendResult& result) {
    storage_.write([&](Database& database) {
        auto delivery = DeliveryReader(database).find(id);
        if (!delivery || delivery->status != Status::pending || delivery->attempts != attempts_so_far) return;
        const Instant now = clock_.now();
        const auto retries_so_far = static_cast<std::size_t>(attempts_so_far);
        delivery->attempts = attempts_so_far + 1;
        delivery->http_status = result.status;
        delivery->error = result.error;
        delivery->status = judge(result);
        delivery->next_attempt.reset();
        if (delivery->status == Status::pending && retries_so_far < delivery->retry_waits.size()) {
            delivery->next_attempt = now + delivery->retry_waits[retries_so_far];
            database.after_commit([this, id, attempts = delivery->attempts, due = *delivery->next_attempt] {
                schedule(id, attempts, due);
            });
        } else if (delivery->status == Status::pending) {
            delivery->status = Status::failed;
        }
        DeliveryWriter(database).update(*delivery);
        tell(database, *delivery);
        if (delivery->status == Status::failed) hand_on_dead_letter(database, *delivery, now);
    });
}

void Outbox::tell(Database& database, const Delivery& delivery) {
    database.after_commit([this,
                           change = DeliveryChange{.id = delivery.id,
                                                   .time = delivery.time,
                                                   .source = delivery.source,
                                                   .target = delivery.target,
                                                   .topic = delivery.topic,
                                                   .status = delivery.status,
                                                   .attempts = delivery.attempts},
                           error = delivery.error] {
        log_change(change, error);
        if (on_change_) on_change_(change);
    });
}

void Outbox::hand_on_dead_letter(Database& database, const Delivery& delivery, Instant now) {
    if (delivery.dead_letter.empty() || !on_dead_letter_) return;
    on_dead_letter_(database,
                    {.owner = delivery.owner,
                     .source = delivery.source,
                     .queue_arn = delivery.dead_letter,
                     .topic = delivery.topic,
                     .payload = delivery.payload,
                     .http_status = delivery.http_status,
                     .error = delivery.error},
                    now);
}

Json Outbox::list(Database& database, const DeliveryFilter& filter) const {
    bool more = false;
    const auto found = DeliveryReader(database).list(filter, more);
    Json answer{{"deliveries", Json::array()}};
    for (const auto& delivery : found) answer["deliveries"].push_back(to_json(delivery));
    if (more) answer["next"] = std::to_string(found.back().id);
    return answer;
}

void Outbox::reset(Database& database) { DeliveryWriter(database).clear(); }

}  // namespace rockwatch::deliveries
