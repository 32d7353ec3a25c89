#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "deliveries/sender.hpp"

namespace rockwatch::deliveries {

/// Keeps what it is given and answers as told: the results in order, the last one again and again.
class RecordingSender : public Sender {
public:
    explicit RecordingSender(std::vector<SendResult> results = {{.status = 200}})
        : results_(std::move(results)) {}

    SendResult send(const OutgoingPost& post) override {
        std::function<void()> meanwhile;
        SendResult result;
        {
            const std::lock_guard lock(mutex_);
            posts_.push_back(post);
            result = results_[std::min(posts_.size(), results_.size()) - 1];
            meanwhile = meanwhile_;
        }
        if (meanwhile) meanwhile();
        return result;
    }

    void meanwhile(std::function<void()> action) { meanwhile_ = std::move(action); }

    std::vector<OutgoingPost> posts() const {
        const std::lock_guard lock(mutex_);
        return posts_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<SendResult> results_;
    std::vector<OutgoingPost> posts_;
    std::function<void()> meanwhile_;
};

}  // namespace rockwatch::deliveries
