#include "rules/quota.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rules/fields.hpp"

namespace rockwatch::rules {

namespace {

constexpr std::size_t quotas_max = 1'000;
constexpr Range requests_range{1, 1e9};
constexpr Range tokens_range{1, 1e10};
constexpr std::size_t account_digits = 12;
constexpr Milliseconds minute{60'000};

bool is_account(std::string_view text) {
    return text.size() == account_digits &&
           std::all_of(text.begin(), text.end(), [](char letter) { return letter >= '0' && letter <= '9'; });
}

bool is_region(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-';
    });
}

Quota quota_from_json(const Json& value, const std::string& pointer) {
    const Fields fields(value, pointer,
                        {"modelId", "requestsPerMinute", "tokensPerMinute", "account", "region"});
    Json conditions = Json::object();
    for (const char* name : {"modelId", "account", "region"}) {
        if (const Json* found = fields.find(name)) conditions[name] = *found;
    }
    Quota quota{.match = match_from_json(conditions, pointer),
                .requests_per_minute = fields.integer("requestsPerMinute", requests_range),
                .tokens_per_minute = fields.integer("tokensPerMinute", tokens_range),
                .document = value};
    if (quota.match.account && !is_account(*quota.match.account))
        throw invalid_rule("must be 12 digits", fields.at("account"));
    if (quota.match.region && !is_region(*quota.match.region))
        throw invalid_rule("must be a region, such as eu-west-1", fields.at("region"));
    if (!quota.requests_per_minute && !quota.tokens_per_minute)
        throw invalid_rule("limits nothing: give it requestsPerMinute or tokensPerMinute", pointer);
    return quota;
}

std::vector<Quota> read_list(const Json& request) {
    const Fields fields(request, "", {"quotas", "$schema"});
    fields.text("$schema");
    const Json* list = fields.find("quotas");
    if (list == nullptr) throw invalid_rule("is missing: a list of quotas", "/quotas");
    if (!list->is_array()) throw invalid_rule("must be a list of quotas", "/quotas");
    if (list->size() > quotas_max) {
        throw InputError(400, "TooManyQuotas", fmt::format("there can be {} quotas at most", quotas_max),
                         "/quotas");
    }
    std::vector<Quota> quotas;
    for (std::size_t index = 0; index < list->size(); ++index)
        quotas.push_back(quota_from_json((*list)[index], fmt::format("/quotas/{}", index)));
    return quotas;
}

}  // namespace

std::vector<Quota> quotas_from_json(const Json& request) try {
    return read_list(request);
} catch (InputError& error) {
    if (error.code == "InvalidRule") error.code = "InvalidQuota";  // the readers of rules read quotas, too
    throw;
}

void SlidingMinute::slide(Instant now) {
    while (!rows_.empty() && rows_.front().at <= now - minute) {
        requests_ -= rows_.front().requests;
        tokens_ -= rows_.front().tokens;
        rows_.pop_front();
    }
}

std::optional<QuotaLimit> SlidingMinute::refusal(const Quota& quota, Instant now, std::int64_t tokens) {
    slide(now);
    if (quota.requests_per_minute && requests_ + 1 > *quota.requests_per_minute) return QuotaLimit::requests;
    if (quota.tokens_per_minute && tokens_ + tokens > *quota.tokens_per_minute) return QuotaLimit::tokens;
    return std::nullopt;
}

void SlidingMinute::add(Instant now, std::int64_t tokens) {
    if (rows_.empty() || rows_.back().at != now) rows_.push_back({.at = now});
    rows_.back().requests += 1;
    rows_.back().tokens += tokens;
    requests_ += 1;
    tokens_ += tokens;
}

void SlidingMinute::correct(Instant admitted, std::int64_t difference) {
    const auto row = std::lower_bound(rows_.begin(), rows_.end(), admitted,
                                      [](const Row& other, Instant at) { return other.at < at; });
    if (row == rows_.end() || row->at != admitted) return;  // more than a minute ago: counts no longer
    row->tokens += difference;
    tokens_ += difference;
}

bool SlidingMinute::empty(Instant now) const { return rows_.empty() || rows_.back().at <= now - minute; }

}  // namespace rockwatch::rules
