#include <fmt/format.h>

#include <set>

#include "core/arn.hpp"
#include "services/cloudwatch/errors.hpp"
#include "services/cloudwatch/operations/operations.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr std::size_t tags_max = 50;
constexpr std::string_view alarm_prefix = "alarm:";
constexpr std::string_view dashboard_prefix = "dashboard/";

Arn read_arn(const Json& input) {
    const std::string text = text_or_empty(input, "ResourceARN");
    const auto arn = parse_arn(text);
    if (!arn || arn->service != "cloudwatch") {
        throw invalid_value(fmt::format("The value {} for parameter ResourceARN is invalid.", text));
    }
    return *arn;
}

/// Throws unless the ARN names an alarm or dashboard of the caller's.
void check_exists(Reading& cloudwatch, const Caller& caller, const Arn& arn) {
    const std::string& resource = arn.resource;
    if (resource.starts_with(alarm_prefix)) {
        const Owner owner{.account = arn.account, .region = arn.region};
        const bool is_callers = owner == static_cast<const Owner&>(caller);
        if (is_callers && cloudwatch.alarms.find(owner, resource.substr(alarm_prefix.size()))) return;
        throw no_such_resource("alarm", arn.text());
    }
    if (resource.starts_with(dashboard_prefix)) {
        const bool is_callers = arn.account == caller.account && arn.region.empty();
        if (is_callers &&
            cloudwatch.dashboards.find(caller.account, resource.substr(dashboard_prefix.size())))
            return;
        throw no_such_resource("dashboard", arn.text());
    }
    throw invalid_value(fmt::format(
        "The value {} for parameter ResourceARN is not supported: Rockwatch tags alarms and dashboards.",
        arn.text()));
}

}  // namespace

Json list_tags_for_resource(Reading& cloudwatch, const Caller& caller, const Json& input) {
    // A deleted alarm answers an empty list, not an error: so AWS was recorded.
    return {{"Tags", cloudwatch.tags.list(caller.account, read_arn(input).text())}};
}

Json tag_resource(Writing& cloudwatch, const Caller& caller, const Json& input) {
    const Arn arn = read_arn(input);
    check_exists(cloudwatch, caller, arn);
    std::set<std::string> keys;
    for (const Json& tag : cloudwatch.tags.list(caller.account, arn.text()))
        keys.insert(text_or_empty(tag, "Key"));
    const Json& tags = list_or_empty(input, "Tags");
    for (const Json& tag : tags) {
        const std::string key = text_or_empty(tag, "Key");
        if (key.starts_with("aws:")) throw invalid_value("Tag keys that start with aws: are reserved.");
        keys.insert(key);
    }
    if (keys.size() > tags_max)
        throw invalid_value(fmt::format("A resource must not have more than {} tags.", tags_max));
    cloudwatch.tag_writer.put(caller.account, arn.text(), tags);
    return Json::object();
}

Json untag_resource(Writing& cloudwatch, const Caller& caller, const Json& input) {
    const Arn arn = read_arn(input);
    check_exists(cloudwatch, caller, arn);
    for (const Json& key : list_or_empty(input, "TagKeys")) {
        cloudwatch.tag_writer.remove(caller.account, arn.text(), key.get<std::string>());
    }
    return Json::object();
}

}  // namespace rockwatch::cloudwatch
