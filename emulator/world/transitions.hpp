#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "services/ports.hpp"
#include "world/feed.hpp"

namespace rockwatch {

/// As the control API tells it: {"alarm","accountId","region","from","to","at","reason"}.
Json to_json(const AlarmTransition& transition);

/// Remembers the newest changes of alarm states, numbered, and tells the feed. Thread-safe.
class Transitions : public AlarmListener {
public:
    explicit Transitions(Feed& feed) : feed_(feed) {}

    void changed(const AlarmTransition& transition) override;

    /// Forgets them; they stay counted.
    void forget();

    /// How many there have been so far.
    std::uint64_t count() const;

    /// Those after the first `seen`; the oldest are lost when there were more than are kept.
    std::vector<AlarmTransition> since(std::uint64_t seen) const;

    /// The newest change of an alarm of that name to `state`, of any account and region, at or after `from`.
    std::optional<AlarmTransition> newest(std::string_view alarm, std::string_view state, Instant from) const;

private:
    static constexpr std::size_t kept_max = 100'000;

    Feed& feed_;
    mutable std::mutex mutex_;
    std::deque<AlarmTransition> kept_;
    std::uint64_t count_ = 0;
};

}  // namespace rockwatch
