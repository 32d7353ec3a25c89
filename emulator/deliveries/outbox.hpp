#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/agenda.hpp"
#include "core/clock.hpp"
#include "deliveries/delivery.hpp"
#include "deliveries/pool.hpp"
#include "deliveries/sender.hpp"
#include "storage/storage.hpp"

namespace rockwatch::deliveries {

struct OutboxOptions {
    /// At most so many attempts at once; 0: an attempt runs on whoever runs the agenda (tests, scenarios).
    std::size_t threads = 8;
    std::size_t journal_size = 10'000;  ///< the newest so many are kept
    std::size_t pending_per_target =
        1'000;  ///< more fail at once, so that a dead webhook does not fill the list
    std::vector<Destination> destinations;  ///< --destination
};

/// A delivery that came about or changed, for those who watch.
struct DeliveryChange {
    std::int64_t id;
    Instant time;  ///< when it was made
    std::string source;
    std::string target;
    std::string topic;
    Status status;
    int attempts;
};

/// A delivery that was given up and has a queue to end in.
struct DeadLetter {
    Owner owner;
    std::string source;
    std::string queue_arn;
    std::string topic;
    std::string payload;
    int http_status = 0;
    std::string error;
};

/// Everything that leaves the emulator, and what became of it. Attempts are due on the agenda and are made by
/// the pool's threads, outside every lock; retries follow the emulator's clock. Thread-safe.
class Outbox {
public:
    Outbox(Storage& storage, Agenda& agenda, const Clock& clock, Sender& sender, OutboxOptions options = {});
    ~Outbox() { stop(); }
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    /// Puts what is pending on the agenda: after a start, and whenever the agenda was cleared.
    void start();
    /// Ends attempts under way (they stay pending) and makes no more.
    void stop();

    /// Takes a delivery as part of a change; returns its id. A pending one is due now, once the change is
    /// committed.
    std::int64_t add(Database& database, const NewDelivery& asked, Instant now);

    /// How many attempts have come due so far.
    std::uint64_t handed_in() const { return pool_.handed_in(); }
    /// How many attempts are due and have not ended.
    std::size_t waiting() const { return pool_.waiting(); }
    /// Returns when every attempt has ended that came due after `earlier` ones: after each instant of an
    /// advance.
    void drain_since(std::uint64_t earlier) { pool_.drain_since(earlier); }
    /// Returns when every attempt that came due has ended. False when `patience` passes first.
    bool drain_for(Milliseconds patience) { return pool_.drain_for(patience); }
    /// How often something was sent out since the start: attempts that have ended, and deliveries that were
    /// settled when they were added, in a queue or captured.
    std::uint64_t attempts() const { return attempts_; }

    /// {"deliveries":[…],"next":"…"}, as control-api.md has it; `next` when there are more.
    Json list(Database& database, const DeliveryFilter& filter) const;
    void reset(Database& database);

    /// Who puts dead letters into their queue; runs within the change that gives the delivery up. Set once,
    /// before anything is added.
    void on_dead_letter(std::function<void(Database&, const DeadLetter&, Instant now)> handler) {
        on_dead_letter_ = std::move(handler);
    }
    /// Who hears of new and changed deliveries, after the commit, on the writer. Set once, before threads
    /// start.
    void on_change(std::function<void(const DeliveryChange&)> listener) { on_change_ = std::move(listener); }

private:
    class UnderWay;

    Delivery routed(Database& database, const NewDelivery& asked, Instant now) const;
    void schedule(std::int64_t id, int attempts_so_far, Instant due);
    void attempt(std::int64_t id, int attempts_so_far);
    void note_attempt(std::int64_t id, int attempts_so_far, const SendResult& result);
    void tell(Database& database, const Delivery& delivery);
    void hand_on_dead_letter(Database& database, const Delivery& delivery, Instant now);

    Storage& storage_;
    Agenda& agenda_;
    const Clock& clock_;
    Sender& sender_;
    OutboxOptions options_;
    std::atomic<std::uint64_t> attempts_ = 0;
    std::mutex under_way_mutex_;
    std::set<std::pair<std::int64_t, int>> under_way_;  ///< deliveries' ids, with their attempts so far
    std::function<void(Database&, const DeadLetter&, Instant)> on_dead_letter_;
    std::function<void(const DeliveryChange&)> on_change_;
    Pool pool_;
};

Migrations migrations();

}  // namespace rockwatch::deliveries
