#include "core/arn.hpp"
#include "services/logs/errors.hpp"
#include "services/logs/operations/naming.hpp"
#include "services/logs/operations/operations.hpp"
#include "services/logs/operations/tagging.hpp"

namespace rockwatch::logs {

namespace {

constexpr std::size_t tags_max = 50;

/// The group that a resourceArn means. Other resources can carry tags on AWS; here none of them exists yet.
LogGroup tagged_group(const Reading& logs, const Caller& caller, const Json& input) {
    const auto& resource = input.at("resourceArn").get_ref<const std::string&>();
    const auto arn = parse_arn(resource);
    if (!arn || arn->service != "logs") {
        throw invalid_parameter(
            fmt::format("The resource ARN {} is not the ARN of a CloudWatch Logs resource.", resource));
    }
    if (!arn->resource.starts_with("log-group:")) throw no_such_resource();
    return group_identified(logs, caller, resource);
}

Tags merged(Tags tags, const Json& added) {
    for (const auto& [key, value] : added.items()) tags[key] = value.get<std::string>();
    return tags;
}

void set_tags(Writing& logs, const LogGroup& group, const Json& tags) {
    for (const auto& [key, value] : tags.items())
        logs.group_writer.set_tag(group.id, key, value.get<std::string>());
}

void remove_tags(Writing& logs, const LogGroup& group, const Json& keys) {
    for (const Json& key : keys) logs.group_writer.remove_tag(group.id, key.get_ref<const std::string&>());
}

Json tags_of(const Reading& logs, const LogGroup& group) { return {{"tags", logs.groups.tags(group.id)}}; }

}  // namespace

void check_tag_keys(const Json& tags) {
    for (const auto& [key, value] : tags.items()) {
        if (!key.starts_with("aws:")) continue;
        throw invalid_parameter(
            fmt::format("The tag key {} starts with aws:, which is reserved for AWS.", key));
    }
}

Json tag_resource(Writing& logs, const Caller& caller, const Json& input) {
    const LogGroup group = tagged_group(logs, caller, input);
    const Json& tags = input.at("tags");
    check_tag_keys(tags);
    if (merged(logs.groups.tags(group.id), tags).size() > tags_max) {
        throw too_many_tags(input.at("resourceArn").get_ref<const std::string&>());
    }
    set_tags(logs, group, tags);
    return Json::object();
}

Json untag_resource(Writing& logs, const Caller& caller, const Json& input) {
    remove_tags(logs, tagged_group(logs, caller, input), input.at("tagKeys"));
    return Json::object();
}

Json list_tags_for_resource(Reading& logs, const Caller& caller, const Json& input) {
    return tags_of(logs, tagged_group(logs, caller, input));
}

Json tag_log_group(Writing& logs, const Caller& caller, const Json& input) {
    const LogGroup group = group_named(logs, caller, input.at("logGroupName").get_ref<const std::string&>());
    const Json& tags = input.at("tags");
    check_tag_keys(tags);
    if (merged(logs.groups.tags(group.id), tags).size() > tags_max) {
        throw invalid_parameter("A log group can have no more than 50 tags.");
    }
    set_tags(logs, group, tags);
    return Json::object();
}

Json untag_log_group(Writing& logs, const Caller& caller, const Json& input) {
    const LogGroup group = group_named(logs, caller, input.at("logGroupName").get_ref<const std::string&>());
    remove_tags(logs, group, input.at("tags"));
    return Json::object();
}

Json list_tags_log_group(Reading& logs, const Caller& caller, const Json& input) {
    return tags_of(logs, group_named(logs, caller, input.at("logGroupName").get_ref<const std::string&>()));
}

}  // namespace rockwatch::logs
