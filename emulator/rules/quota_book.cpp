#include "rules/quota_book.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "rules/quota_store.hpp"

namespace rockwatch::rules {

namespace {

constexpr std::size_t counters_max = 100'000;
constexpr std::size_t counters_not_swept = 1'000;

}  // namespace

QuotaBook::QuotaBook(Storage& storage, const Clock& clock) : storage_(storage), clock_(clock) {
    Json list = Json::array();
    {
        const auto lease = storage_.read();
        for (const std::string& text : QuotaStore(*lease).all())
            list.push_back(parse_json(text).value_or(Json()));
    }
    try {
        publish(quotas_from_json({{"quotas", std::move(list)}}));
    } catch (const InputError& error) {
        spdlog::warn("the stored quotas are left out: {} at {}", error.what(), error.path);
    }
}

void QuotaBook::begin_anew() {
    counters_.clear();
    counters_at_sweep_ = 0;
    ++counted_since_;
}

void QuotaBook::publish(std::vector<Quota> quotas) {
    const std::lock_guard lock(mutex_);
    quotas_ = std::move(quotas);
    begin_anew();
    any_.store(!quotas_.empty(), std::memory_order_release);
}

std::vector<Json> QuotaBook::list() const {
    const std::lock_guard lock(mutex_);
    std::vector<Json> documents;
    for (const Quota& quota : quotas_) documents.push_back(quota.document);
    return documents;
}

std::size_t QuotaBook::counters() const {
    const std::lock_guard lock(mutex_);
    return counters_.size();
}

void QuotaBook::put(const Json& request) {
    const std::vector<Quota> quotas = quotas_from_json(request);
    storage_.write([&](Database& database) {
        QuotaStore store(database);
        store.clear();
        for (const Quota& quota : quotas) store.append(to_text(quota.document));
        database.after_commit([this, quotas] { publish(quotas); });
    });
}

void QuotaBook::clear() {
    storage_.write([&](Database& database) {
        QuotaStore(database).clear();
        database.after_commit([this] { publish({}); });
    });
}

/// Callers make accounts up as they like: counters without calls in the last minute go whenever their number
/// has doubled, and where all have calls, the whole count begins anew rather than grow without end.
void QuotaBook::make_room(Instant now) {
    if (counters_.size() < std::max(counters_not_swept, counters_at_sweep_ * 2)) return;
    std::erase_if(counters_, [&](const auto& counter) { return counter.second.empty(now); });
    counters_at_sweep_ = counters_.size();
    if (counters_.size() < counters_max) return;
    spdlog::warn("more than {} accounts and models called within a minute: quotas are counted anew",
                 counters_max);
    begin_anew();
}

std::optional<QuotaLimit> QuotaBook::admit(const Asked& asked, QuotaCharge& charge) {
    const Caller& caller = asked.invocation.parts().caller;
    const std::lock_guard lock(mutex_);
    const Instant now = clock_.now();
    if (now < latest_) begin_anew();
    latest_ = now;
    make_room(now);
    std::vector<std::string> counters;
    for (std::size_t index = 0; index < quotas_.size(); ++index) {
        const Quota& quota = quotas_[index];
        if (first_failure(quota.match, asked.invocation)) continue;
        std::string name = fmt::format("{} {} {} {}", index, caller.account, caller.region, asked.model);
        if (const auto limit = counters_[name].refusal(quota, now, asked.tokens)) return limit;
        counters.push_back(std::move(name));
    }
    for (const std::string& name : counters) counters_[name].add(now, asked.tokens);
    charge = {.counted_since = counted_since_,
              .admitted = now,
              .tokens = asked.tokens,
              .counters = std::move(counters)};
    return std::nullopt;
}

void QuotaBook::settle(const QuotaCharge& charge, std::int64_t tokens) {
    if (charge.counters.empty() || tokens == charge.tokens) return;
    const std::lock_guard lock(mutex_);
    if (charge.counted_since != counted_since_) return;
    for (const std::string& name : charge.counters) {
        const auto counter = counters_.find(name);
        if (counter != counters_.end()) counter->second.correct(charge.admitted, tokens - charge.tokens);
    }
}

}  // namespace rockwatch::rules
