#pragma once

#include <atomic>
#include <cstdint>

#include "core/agenda.hpp"
#include "core/clock.hpp"
#include "storage/storage.hpp"

namespace rockwatch::logs {

/// Removes events past their group's retention: once in every hour of the emulator's clock, on the full hour,
/// while there are groups with a retention. Readers hide such events from the first millisecond on, so the
/// hour decides nothing that a client sees but storedBytes; it keeps a long advance cheap, and is well within
/// the 72 hours that AWS takes. Thread-safe.
class RetentionSweep {
public:
    RetentionSweep(Storage& storage, Agenda& agenda, const Clock& clock)
        : storage_(storage), agenda_(agenda), clock_(clock) {}

    /// Puts the next sweep on an agenda that was cleared, when a group needs one.
    void start();
    /// A group got a retention: puts a sweep on the agenda unless one is there. Called after a commit.
    void ensure_scheduled();

private:
    void schedule(Instant now);
    void run(std::uint64_t generation);
    bool sweep(Instant now);

    Storage& storage_;
    Agenda& agenda_;
    const Clock& clock_;
    std::atomic<std::uint64_t> generation_{0};  // tasks of an older one were cleared, or do nothing
    std::atomic<bool> scheduled_{false};
};

}  // namespace rockwatch::logs
