#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "core/instant.hpp"

namespace rockwatch {

/// Who may run the agenda or move the clock: one at a time, the others queue. A webhook that moves the clock
/// while its own delivery is what the clock waits for would wait for itself; it is found out by the delivery
/// that does not end, and refused.
class Turn {
public:
    /// `patience`: real time for which one wait for deliveries may last while somebody else queues.
    explicit Turn(Milliseconds patience) : patience_(patience) {}

    /// Waits for its turn however long it takes: for the ticker, whom no delivery waits for.
    void lock();
    /// Waits for its turn. Throws InputError 409 when whoever has it has waited for a delivery of its own for
    /// all of the patience, and at once when that is this very thread.
    void lock_or_refuse();
    void unlock();

    enum class Waits {
        no,
        for_earlier,  ///< deliveries that were under way before it had the turn; for a limited time
        for_its_own,  ///< deliveries that it has brought about
    };

    /// While it lives, whoever has the turn waits for deliveries.
    class AtDeliveries {
    public:
        AtDeliveries(Turn& turn, Waits waits) : turn_(turn) { turn_.set_waits(waits); }
        ~AtDeliveries() { turn_.set_waits(Waits::no); }
        AtDeliveries(const AtDeliveries&) = delete;
        AtDeliveries& operator=(const AtDeliveries&) = delete;

    private:
        Turn& turn_;
    };

    bool waits_for_deliveries() const;

private:
    void set_waits(Waits waits);
    void take();

    const Milliseconds patience_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool is_taken_ = false;
    std::thread::id owner_;
    Waits waits_ = Waits::no;
    std::uint64_t waits_begun_ = 0;
};

}  // namespace rockwatch
