#include "gateway/call_figures.hpp"

#include <algorithm>

#include "protocol/model.hpp"

namespace rockwatch {

namespace {

std::string name_of(const ServiceModel* service) { return service == nullptr ? "unknown" : service->name; }

std::string name_of(const OperationModel* operation) {
    return operation == nullptr ? "unknown" : operation->name;
}

}  // namespace

void CallFigures::count(const Target& target, int status, double seconds) {
    const std::lock_guard lock(mutex_);
    ++counts_[{target.service, target.operation, status}];
    times_[target.service].add(seconds);
}

std::vector<CallFigures::Row> CallFigures::rows() const {
    std::vector<Row> rows;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [key, count] : counts_) {
            const auto& [service, operation, status] = key;
            rows.push_back({name_of(service), name_of(operation), status, count});
        }
    }
    std::sort(rows.begin(), rows.end(), [](const Row& left, const Row& right) {
        return std::tie(left.service, left.operation, left.status) <
               std::tie(right.service, right.operation, right.status);
    });
    return rows;
}

std::map<std::string, Histogram> CallFigures::times() const {
    std::map<std::string, Histogram> times;
    const std::lock_guard lock(mutex_);
    for (const auto& [service, histogram] : times_) times.emplace(name_of(service), histogram);
    return times;
}

}  // namespace rockwatch
