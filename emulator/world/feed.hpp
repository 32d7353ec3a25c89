#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rockwatch {

/// What happens in the emulator, told to those who follow it or wait for something. Costs those who tell next
/// to nothing while there is nobody. Thread-safe.
class Feed {
public:
    enum class Kind { call, alarm, delivery, log };
    static constexpr std::size_t kinds = 4;

    struct Event {
        std::uint64_t id;  ///< counts up from 1
        Kind kind;
        std::string data;  ///< JSON text
    };

    /// Something has happened. `make_data()` gives its JSON text, or none when there is nothing to tell after
    /// all; it is called only when there is a follower.
    /// From where the state that it speaks of can already be seen by others.
    template <class MakeData>
    void tell(Kind kind, MakeData&& make_data) {
        if (is_followed()) put(kind, make_data());
        touch(kind);
    }

    /// Whether anybody has asked for events so far: from then on the newest ones are kept.
    bool is_followed() const { return is_followed_.load(std::memory_order_relaxed); }

    /// Ends every wait and every follower, now and from now on: the emulator stops.
    void stop();

    class Follower;
    class Watch;

    /// Throws InputError 409 when there are as many as there can be. `after`: the id of the last event that
    /// is known already; nullopt: what happens from now on.
    std::unique_ptr<Follower> follow(std::optional<std::uint64_t> after = std::nullopt);

private:
    static constexpr std::size_t kept_max = 1'000;
    static constexpr std::size_t kept_bytes_max = 16U << 20U;
    static constexpr std::size_t followers_max = 256;

    void put(Kind kind, std::string data);
    void touch(Kind kind);

    std::atomic<bool> is_followed_{false};
    std::atomic<int> watchers_{0};
    std::atomic<bool> is_stopped_{false};

    mutable std::mutex mutex_;
    std::condition_variable touched_;
    std::array<std::uint64_t, kinds> touches_{};  // of each kind
    std::uint64_t last_id_ = 0;
    std::size_t kept_bytes_ = 0;
    std::deque<std::shared_ptr<const Event>> kept_;  // shared: followers read them outside the lock
    std::set<Follower*> followers_;
};

/// One who follows the feed, at his own pace: what he did not take in time is lost to him, and counted.
class Feed::Follower {
public:
    Follower(Feed& feed, std::uint64_t after) : feed_(feed), seen_(after) {}
    ~Follower();
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    struct News {
        std::vector<std::shared_ptr<const Event>> events;
        std::uint64_t lost = 0;  ///< before these
    };
    News take();
    bool has_ended() const { return feed_.is_stopped_; }
    /// Who is called when there is something to take, on the thread of whoever tells it.
    void on_news(std::function<void()> ring);

private:
    friend class Feed;

    Feed& feed_;
    std::uint64_t seen_;
    std::function<void()> ring_;  // guarded by the feed's mutex
};

/// One who waits until something holds: made before the first look at it, so that nothing that comes in
/// between is missed.
///
///     Feed::Watch watch(feed, Feed::Kind::alarm);
///     while (!holds() && watch.wait_until(deadline)) {}
class Feed::Watch {
public:
    Watch(Feed& feed, Kind kind);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    /// Returns when something of its kind has happened since the last call. False when `deadline` passes
    /// first, or the emulator stops.
    bool wait_until(std::chrono::steady_clock::time_point deadline);
    bool has_stopped() const { return feed_.is_stopped_; }

private:
    std::uint64_t touches() const { return feed_.touches_[static_cast<std::size_t>(kind_)]; }

    Feed& feed_;
    const Kind kind_;
    std::uint64_t seen_;
};

/// call, alarm, delivery, log
std::string_view name_of(Feed::Kind kind);

}  // namespace rockwatch
