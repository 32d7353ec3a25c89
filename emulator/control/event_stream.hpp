#pragma once

#include <memory>
#include <set>
#include <string>

#include "control/routes.hpp"
#include "protocol/message.hpp"
#include "world/feed.hpp"

namespace rockwatch::control {

/// The feed as server-sent events: id, event, and JSON in one data line. What the client was too slow for is
/// told as an event `lost` with {"events": n}.
class EventStream : public LiveSource {
public:
    /// `kinds`: which to send; empty: all.
    EventStream(std::unique_ptr<Feed::Follower> follower, std::set<Feed::Kind> kinds)
        : follower_(std::move(follower)), kinds_(std::move(kinds)) {}

    std::string take() override;
    bool has_ended() const override { return follower_->has_ended(); }
    void on_news(std::function<void()> ring) override { follower_->on_news(std::move(ring)); }
    std::string sign_of_life() const override { return ":\n\n"; }

private:
    const std::unique_ptr<Feed::Follower> follower_;
    const std::set<Feed::Kind> kinds_;
    bool is_open_ = false;
};

/// The parameter types=call,alarm; empty when there is none. Throws InputError 400.
std::set<Feed::Kind> read_kinds(const ControlRequest& request);

}  // namespace rockwatch::control
