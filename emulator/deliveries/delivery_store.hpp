#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "deliveries/delivery.hpp"
#include "storage/database.hpp"

namespace rockwatch::deliveries {

/// Finds deliveries of all accounts; reads the table delivery.
class DeliveryReader {
public:
    explicit DeliveryReader(Database& database) : database_(database) {}

    std::optional<Delivery> find(std::int64_t id) const;
    /// Oldest first, at most `filter.limit`; `more` says whether there are others behind them.
    std::vector<Delivery> list(const DeliveryFilter& filter, bool& more) const;

    struct Pending {
        std::int64_t id;
        int attempts;
        Instant next_attempt;
    };
    std::vector<Pending> pending() const;
    std::int64_t count_pending(std::string_view target) const;

private:
    Database& database_;
};

/// Changes deliveries; owns the table delivery. Runs on the writer thread.
class DeliveryWriter {
public:
    explicit DeliveryWriter(Database& database) : database_(database) {}

    std::int64_t add(const Delivery& delivery);
    /// Status, attempts, answer, error, next attempt.
    void update(const Delivery& delivery);
    /// Keeps the newest `count`, given that `newest` is the newest id.
    void keep_newest(std::size_t count, std::int64_t newest);
    void clear();

private:
    Database& database_;
};

}  // namespace rockwatch::deliveries
