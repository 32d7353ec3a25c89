#include "services/sqs/queue_watch.hpp"

#include <algorithm>
#include <chrono>

#include "core/waiting.hpp"

namespace rockwatch::sqs {

namespace {

/// How often a waiter looks at the emulator's clock, which may jump, when a hidden message is due.
constexpr Milliseconds clock_look{20};

}  // namespace

class QueueWatch::Poll : public LongPoll {
public:
    Poll(QueueWatch& watch, QueueKey key, Milliseconds duration)
        : watch_(watch), key_(std::move(key)), until_(std::chrono::steady_clock::now() + duration) {
        const std::lock_guard lock(watch_.mutex_);
        seen_ = changes();
    }

    bool satisfied_by(const Json& output) const override { return output.contains("Messages"); }

    bool wait() override {
        const Waiting waiting;
        std::unique_lock lock(watch_.mutex_);
        for (;;) {
            if (watch_.stopped_) return false;
            if (changes() != seen_) {
                seen_ = changes();
                return true;
            }
            const auto next = watch_.signals_[key_].next;
            if (next && *next <= watch_.clock_.now()) return true;
            const auto now = std::chrono::steady_clock::now();
            if (now >= until_) return false;
            watch_.woken_.wait_until(lock, next ? std::min(until_, now + clock_look) : until_);
        }
    }

private:
    std::uint64_t changes() const { return watch_.changes_of_all_ + watch_.signals_[key_].changes; }

    QueueWatch& watch_;
    QueueKey key_;
    std::chrono::steady_clock::time_point until_;
    std::uint64_t seen_ = 0;
};

void QueueWatch::changed(const QueueKey& key) {
    {
        const std::lock_guard lock(mutex_);
        ++signals_[key].changes;
    }
    woken_.notify_all();
}

void QueueWatch::empty_until(const QueueKey& key, std::optional<Instant> next) {
    const std::lock_guard lock(mutex_);
    signals_[key].next = next;
}

void QueueWatch::all_changed() {
    {
        const std::lock_guard lock(mutex_);
        ++changes_of_all_;
    }
    woken_.notify_all();
}

void QueueWatch::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    woken_.notify_all();
}

std::unique_ptr<LongPoll> QueueWatch::poll(const QueueKey& key, Milliseconds duration) {
    return std::make_unique<Poll>(*this, key, duration);
}

}  // namespace rockwatch::sqs
