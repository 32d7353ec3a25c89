#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "core/clock.hpp"
#include "services/service.hpp"
#include "services/sqs/queue_address.hpp"

namespace rockwatch::sqs {

/// Wakes those who wait for messages. Told of changes after their commit. Thread-safe.
class QueueWatch {
public:
    explicit QueueWatch(const Clock& clock) : clock_(clock) {}

    /// Something may be found in the queue now.
    void changed(const QueueKey& key);
    /// Nothing is to be found before `next` (nullopt: before a change).
    void empty_until(const QueueKey& key, std::optional<Instant> next);
    /// The same for every queue, as a reset needs it.
    void all_changed();
    void stop();

    /// A poll of real `duration` that begins now.
    std::unique_ptr<LongPoll> poll(const QueueKey& key, Milliseconds duration);

private:
    struct Signal {
        std::uint64_t changes = 0;
        std::optional<Instant> next;
    };
    class Poll;

    const Clock& clock_;
    std::mutex mutex_;
    std::condition_variable woken_;
    std::map<QueueKey, Signal> signals_;
    std::uint64_t changes_of_all_ = 0;
    bool stopped_ = false;
};

}  // namespace rockwatch::sqs
