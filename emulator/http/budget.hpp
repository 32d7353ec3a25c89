#pragma once

#include <atomic>
#include <cstddef>

namespace rockwatch::http {

/// How much of something of all clients may be in memory at once: of bodies, of heads.
class Budget {
public:
    explicit Budget(std::size_t bytes_max) : bytes_max_(bytes_max) {}
    bool take(std::size_t bytes) {
        if (used_.fetch_add(bytes) + bytes <= bytes_max_) return true;
        used_.fetch_sub(bytes);
        return false;
    }
    void give_back(std::size_t bytes) { used_.fetch_sub(bytes); }
    std::size_t used() const { return used_; }

private:
    const std::size_t bytes_max_;
    std::atomic<std::size_t> used_{0};
};

/// One holder's share of a budget, given back when it goes.
class Share {
public:
    Share() = default;
    ~Share() { give_back(); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    /// Has `bytes` of the budget, in place of what it had. False when there are not so many: it has none.
    bool have(Budget& budget, std::size_t bytes) {
        give_back();
        if (!budget.take(bytes)) return false;
        budget_ = &budget;
        bytes_ = bytes;
        return true;
    }
    void give_back() {
        if (budget_ != nullptr) budget_->give_back(bytes_);
        budget_ = nullptr;
    }

private:
    Budget* budget_ = nullptr;
    std::size_t bytes_ = 0;
};

}  // namespace rockwatch::http
