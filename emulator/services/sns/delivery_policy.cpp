#include "services/sns/delivery_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace rockwatch::sns {

namespace {

constexpr double seconds_in_all_max = 3'600;
constexpr const char* default_content_type = "text/plain; charset=UTF-8";

struct Count {
    const char* name;
    std::int64_t least;
    std::int64_t most;
};
constexpr Count counts[] = {{"minDelayTarget", 1, 3'600},   {"maxDelayTarget", 1, 3'600},
                            {"numRetries", 0, 100},         {"numNoDelayRetries", 0, 100},
                            {"numMinDelayRetries", 0, 100}, {"numMaxDelayRetries", 0, 100}};

/// SNS's own policy; facts: protocols.md 5.7.
Json default_retry_policy() {
    return {{"minDelayTarget", 20},       {"maxDelayTarget", 20},   {"numRetries", 3},
            {"numMaxDelayRetries", 0},    {"numNoDelayRetries", 0}, {"numMinDelayRetries", 0},
            {"backoffFunction", "linear"}};
}

Json object_of(const Json& parent, const char* member) {
    const auto found = parent.is_object() ? parent.find(member) : parent.end();
    return parent.is_object() && found != parent.end() && found->is_object() ? *found : Json::object();
}

Json parsed(const std::string& text) {
    auto policy = parse_json(text);
    return policy && policy->is_object() ? std::move(*policy) : Json::object();
}

std::string retry_fault(const Json& retry) {
    for (const auto& [name, value] : retry.items()) {
        if (name == "backoffFunction") {
            static constexpr std::array<const char*, 4> functions = {"linear", "arithmetic", "geometric",
                                                                     "exponential"};
            const bool known = value.is_string() && std::find(functions.begin(), functions.end(),
                                                              value.get<std::string>()) != functions.end();
            if (!known) return "backoffFunction must be linear, arithmetic, geometric or exponential";
            continue;
        }
        const auto* count = std::find_if(std::begin(counts), std::end(counts),
                                         [&](const Count& one) { return name == one.name; });
        if (count == std::end(counts)) return "unknown member " + name;
        if (!value.is_number_integer() || value.get<std::int64_t>() < count->least ||
            value.get<std::int64_t>() > count->most) {
            return fmt::format("{} must be from {} to {}", name, count->least, count->most);
        }
    }
    Json whole = default_retry_policy();
    whole.update(retry);
    if (whole["minDelayTarget"] > whole["maxDelayTarget"])
        return "minDelayTarget must not be above maxDelayTarget";
    const auto phases = whole["numNoDelayRetries"].get<int>() + whole["numMinDelayRetries"].get<int>() +
                        whole["numMaxDelayRetries"].get<int>();
    if (phases > whole["numRetries"].get<int>()) return "numRetries must not be below the sum of its phases";
    return "";
}

/// A throttle must be honoured or refused; null is what consoles send for none.
std::string throttle_fault(const Json& throttle) {
    const bool none = throttle.is_null() ||
                      (throttle.is_object() && std::all_of(throttle.begin(), throttle.end(),
                                                           [](const Json& v) { return v.is_null(); }));
    return none ? "" : "a throttle policy is not supported by Rockwatch yet";
}

std::string request_fault(const Json& request) {
    if (!request.is_object()) return "a request policy must be an object";
    for (const auto& [name, value] : request.items()) {
        if (name != "headerContentType") return "unknown member " + name;
        if (!value.is_string() || value.get<std::string>().find_first_of("\r\n") != std::string::npos)
            return "headerContentType must be a media type";
    }
    return "";
}

/// `prefix` is how a level names the members: defaultHealthyRetryPolicy or healthyRetryPolicy.
std::string level_fault(const Json& policy, PolicyLevel level) {
    const bool topic = level == PolicyLevel::topic;
    for (const auto& [name, value] : policy.items()) {
        std::string fault;
        if (name == (topic ? "defaultHealthyRetryPolicy" : "healthyRetryPolicy")) {
            fault = value.is_object() ? retry_fault(value) : "a retry policy must be an object";
        } else if (name == (topic ? "defaultThrottlePolicy" : "throttlePolicy")) {
            fault = throttle_fault(value);
        } else if (name == (topic ? "defaultRequestPolicy" : "requestPolicy")) {
            fault = request_fault(value);
        } else if (topic && name == "disableSubscriptionOverrides") {
            fault = value.is_boolean() ? "" : "disableSubscriptionOverrides must be true or false";
        } else if (!topic && (name == "sicklyRetryPolicy" || name == "guaranteed")) {
            fault = value.is_null() || value == false ? "" : name + " is not supported by Rockwatch yet";
        } else {
            fault = "unknown member " + name;
        }
        if (!fault.empty()) return fault;
    }
    return "";
}

bool overrides_allowed(const Json& topic_http) {
    const auto found = topic_http.find("disableSubscriptionOverrides");
    return found == topic_http.end() || !found->is_boolean() || !found->get<bool>();
}

Json effective_retry(const std::string& topic_policy, const std::string& subscription_policy) {
    const Json http = object_of(parsed(topic_policy), "http");
    Json retry = default_retry_policy();
    retry.update(object_of(http, "defaultHealthyRetryPolicy"));
    if (overrides_allowed(http)) retry.update(object_of(parsed(subscription_policy), "healthyRetryPolicy"));
    return retry;
}

/// The wait before retry `index` of the `count` in the backoff phase. Chosen: the curves that the developer
/// guide draws, from the least to the greatest wait.
double backoff_seconds(const std::string& function, double least, double greatest, int index, int count) {
    if (count <= 1) return least;
    const double at = static_cast<double>(index) / (count - 1);
    if (function == "geometric") return least * std::pow(greatest / least, at);
    if (function == "exponential")
        return least + (greatest - least) * (std::exp2(index) - 1) / (std::exp2(count - 1) - 1);
    if (function == "arithmetic")
        return least + (greatest - least) * (index * (index + 1.0)) / ((count - 1.0) * count);
    return least + (greatest - least) * at;
}

std::vector<Milliseconds> waits_of(const Json& retry) {
    const double least = retry.at("minDelayTarget");
    const double greatest = retry.at("maxDelayTarget");
    const int no_delay = retry.at("numNoDelayRetries");
    const int min_delay = retry.at("numMinDelayRetries");
    const int max_delay = retry.at("numMaxDelayRetries");
    const int backoff = retry.at("numRetries").get<int>() - no_delay - min_delay - max_delay;
    std::vector<double> seconds(static_cast<std::size_t>(no_delay), 0.0);
    seconds.insert(seconds.end(), static_cast<std::size_t>(min_delay), least);
    for (int index = 0; index < backoff; ++index) {
        seconds.push_back(backoff_seconds(retry.at("backoffFunction"), least, greatest, index, backoff));
    }
    seconds.insert(seconds.end(), static_cast<std::size_t>(max_delay), greatest);

    std::vector<Milliseconds> waits;
    double in_all = 0;
    for (const double wait : seconds) {
        in_all += wait;
        if (in_all > seconds_in_all_max) break;
        waits.emplace_back(std::llround(wait * 1'000));
    }
    return waits;
}

}  // namespace

std::string delivery_policy_fault(const std::string& text, PolicyLevel level) {
    const auto policy = parse_json(text);
    if (!policy || !policy->is_object()) return "failed to parse JSON.";
    if (level == PolicyLevel::subscription) return level_fault(*policy, level);
    for (const auto& [name, value] : policy->items()) {
        if (name != "http") return "unknown member " + name;
        if (!value.is_object()) return "http must be an object";
    }
    return level_fault(object_of(*policy, "http"), level);
}

HttpDelivery http_delivery(const std::string& topic_policy, const std::string& subscription_policy) {
    const Json http = object_of(parsed(topic_policy), "http");
    std::string content_type = text_or_empty(object_of(http, "defaultRequestPolicy"), "headerContentType");
    if (overrides_allowed(http)) {
        const std::string own =
            text_or_empty(object_of(parsed(subscription_policy), "requestPolicy"), "headerContentType");
        if (!own.empty()) content_type = own;
    }
    if (content_type.empty()) content_type = default_content_type;
    return {.retry_waits = waits_of(effective_retry(topic_policy, subscription_policy)),
            .content_type = content_type};
}

std::string effective_topic_policy(const std::string& topic_policy) {
    Json http = object_of(parsed(topic_policy), "http");
    http["defaultHealthyRetryPolicy"] = effective_retry(topic_policy, "");
    if (!http.contains("disableSubscriptionOverrides")) http["disableSubscriptionOverrides"] = false;
    if (!http.contains("defaultRequestPolicy"))
        http["defaultRequestPolicy"] = {{"headerContentType", default_content_type}};
    return to_text(Json{{"http", http}});
}

std::string effective_subscription_policy(const std::string& topic_policy,
                                          const std::string& subscription_policy) {
    Json policy{{"healthyRetryPolicy", effective_retry(topic_policy, subscription_policy)},
                {"sicklyRetryPolicy", nullptr},
                {"throttlePolicy", nullptr},
                {"guaranteed", false}};
    policy["requestPolicy"] = {
        {"headerContentType", http_delivery(topic_policy, subscription_policy).content_type}};
    return to_text(policy);
}

}  // namespace rockwatch::sns
