#include "quota_model.hpp"

namespace rockwatch::simulation {

namespace {

constexpr std::int64_t minute = 60'000;

bool fits(const std::string& glob, const std::string& text) {
    return glob.ends_with('*') ? text.starts_with(glob.substr(0, glob.size() - 1)) : glob == text;
}

bool is_beyond(std::int64_t asked, const Json& quota, const char* limit) {
    return quota.contains(limit) && asked > quota.at(limit).get<std::int64_t>();
}

bool is_about(const Json& quota, const QuotaModel::Call& call) {
    const Owner& owner = owner_at(call.who);
    if (quota.contains("account") && quota.at("account") != owner.account) return false;
    if (quota.contains("region") && quota.at("region") != owner.region) return false;
    return !quota.contains("modelId") || names_model(quota.at("modelId"), call.model);
}

}  // namespace

bool names_model(const std::string& glob, const std::string& model) {
    if (fits(glob, model)) return true;
    for (const std::string prefix : {"global.", "eu.", "us."}) {
        if (model.starts_with(prefix)) return fits(glob, model.substr(prefix.size()));
    }
    return false;
}

std::int64_t reserved_tokens(const std::string& prompt, const Json& input) {
    const bool is_titan = input.at("modelId").get<std::string>().starts_with("amazon.titan");
    const std::int64_t output = is_titan ? 512 : 4096;  // unless the call says otherwise
    const Json config = input.contains("body")
                            ? value_or(input.at("body"), "textGenerationConfig", Json::object())
                            : value_or(input, "inferenceConfig", Json::object());
    const char* most = input.contains("body") ? "maxTokenCount" : "maxTokens";
    return (static_cast<std::int64_t>(prompt.size()) + 3) / 4 + value_or(config, most, output);
}

std::int64_t burndown(const std::string& model) {
    return model.find("claude-haiku-4-5") != std::string::npos ? 5 : 1;
}

void QuotaModel::put(const Json& quotas) {
    quotas_ = quotas;
    begin_anew();
}

void QuotaModel::begin_anew() {
    calls_.clear();
    refused_.clear();
}

/// With the calls after `since`.
std::string QuotaModel::refusal(const Call& call, std::int64_t since) const {
    std::int64_t requests = 0;
    std::int64_t tokens = 0;
    for (const auto& [number, before] : calls_) {
        if (before.who != call.who || before.model != call.model || before.at <= since) continue;
        ++requests;
        tokens += before.tokens;
    }
    for (const Json& quota : quotas_) {
        if (!is_about(quota, call)) continue;
        if (is_beyond(requests + 1, quota, "requestsPerMinute")) return "requests";
        if (is_beyond(tokens + call.tokens, quota, "tokensPerMinute")) return "tokens";
    }
    return {};
}

QuotaModel::Ruling QuotaModel::ask(const Call& call) {
    if (std::string limit = refusal(call, call.at - minute); !limit.empty()) {
        refused_.insert({call.who, call.model});
        return {.refusal = std::move(limit)};
    }
    const bool is_again = refused_.contains({call.who, call.model}) && !refusal(call, 0).empty();
    calls_[++calls_ever_] = call;
    return {.number = calls_ever_, .is_let_through_again = is_again};
}

void QuotaModel::settle(std::size_t number, std::int64_t burned_tokens) {
    const auto found = calls_.find(number);
    if (found != calls_.end()) found->second.tokens = burned_tokens;
}

}  // namespace rockwatch::simulation
