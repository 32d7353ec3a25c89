#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "core/histogram.hpp"
#include "protocol/identify.hpp"

namespace rockwatch {

/// How many AWS calls were answered, with what, and how long that took, injected latency included.
/// Thread-safe.
class CallFigures {
public:
    /// What the model does not know counts as "unknown", so that nobody can make up names without end.
    void count(const Target& target, int status, double seconds);

    struct Row {
        std::string service;
        std::string operation;
        int status = 0;
        std::uint64_t count = 0;
    };
    /// By service, operation and status.
    std::vector<Row> rows() const;
    /// By service.
    std::map<std::string, Histogram> times() const;

private:
    using Key = std::tuple<const ServiceModel*, const OperationModel*, int>;

    mutable std::mutex mutex_;
    std::map<Key, std::uint64_t> counts_;
    std::map<const ServiceModel*, Histogram> times_;
};

}  // namespace rockwatch
