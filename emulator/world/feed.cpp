#include "world/feed.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/waiting.hpp"

namespace rockwatch {

std::string_view name_of(Feed::Kind kind) {
    switch (kind) {
        case Feed::Kind::call:
            return "call";
        case Feed::Kind::alarm:
            return "alarm";
        case Feed::Kind::delivery:
            return "delivery";
        case Feed::Kind::log:
            return "log";
    }
    throw BrokenPromise("a kind of event without a name");
}

void Feed::put(Kind kind, std::string data) {
    if (data.empty()) return;
    const std::lock_guard lock(mutex_);
    kept_bytes_ += data.size();
    kept_.push_back(std::make_shared<const Event>(Event{++last_id_, kind, std::move(data)}));
    while (kept_.size() > kept_max || kept_bytes_ > kept_bytes_max) {
        kept_bytes_ -= kept_.front()->data.size();
        kept_.pop_front();
    }
    for (Follower* follower : followers_) {
        if (follower->ring_) follower->ring_();
    }
}

void Feed::touch(Kind kind) {
    if (watchers_ == 0) return;
    const std::lock_guard lock(mutex_);
    ++touches_[static_cast<std::size_t>(kind)];
    touched_.notify_all();
}

void Feed::stop() {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    touched_.notify_all();
    for (Follower* follower : followers_) {
        if (follower->ring_) follower->ring_();
    }
}

std::unique_ptr<Feed::Follower> Feed::follow(std::optional<std::uint64_t> after) {
    const std::lock_guard lock(mutex_);
    if (followers_.size() >= followers_max)
        throw InputError(409, "TooManyFollowers", "256 clients follow the events already");
    is_followed_ = true;
    // An id of an earlier run of the server is none of ours.
    auto follower = std::make_unique<Follower>(*this, std::min(after.value_or(last_id_), last_id_));
    followers_.insert(follower.get());
    return follower;
}

Feed::Follower::~Follower() {
    const std::lock_guard lock(feed_.mutex_);
    feed_.followers_.erase(this);
}

Feed::Follower::News Feed::Follower::take() {
    const std::lock_guard lock(feed_.mutex_);
    News news;
    const auto& kept = feed_.kept_;
    const std::uint64_t wanted = feed_.last_id_ - seen_;
    const std::uint64_t there = std::min<std::uint64_t>(wanted, kept.size());
    news.lost = wanted - there;
    news.events.assign(kept.end() - static_cast<std::ptrdiff_t>(there), kept.end());
    seen_ = feed_.last_id_;
    return news;
}

void Feed::Follower::on_news(std::function<void()> ring) {
    const std::lock_guard lock(feed_.mutex_);
    ring_ = std::move(ring);
}

Feed::Watch::Watch(Feed& feed, Kind kind) : feed_(feed), kind_(kind) {
    ++feed_.watchers_;
    const std::lock_guard lock(feed_.mutex_);
    seen_ = touches();
}

Feed::Watch::~Watch() { --feed_.watchers_; }

bool Feed::Watch::wait_until(std::chrono::steady_clock::time_point deadline) {
    const Waiting waiting;
    std::unique_lock lock(feed_.mutex_);
    feed_.touched_.wait_until(lock, deadline, [&] { return feed_.is_stopped_ || touches() != seen_; });
    if (feed_.is_stopped_ || touches() == seen_) return false;
    seen_ = touches();
    return true;
}

}  // namespace rockwatch
