#include "core/arn.hpp"
#include "core/text.hpp"
#include "services/logs/errors.hpp"
#include "services/logs/operations/naming.hpp"
#include "services/logs/operations/operations.hpp"
#include "services/logs/operations/tagging.hpp"
#include "services/logs/retention.hpp"

namespace rockwatch::logs {

namespace {

constexpr std::string_view delivery_class = "DELIVERY";

/// Keys live in no emulated service: what looks like the ARN of a key counts as one that exists.
void check_kms_key(const Owner& owner, std::string_view group, std::string_view kms_key_id) {
    const auto arn = parse_arn(kms_key_id);
    if (arn && arn->service == "kms" && arn->resource.starts_with("key/")) return;
    throw invalid_parameter(
        fmt::format("The specified KMS key does not exist or is not allowed to be used with Arn '{}'",
                    group_arn(owner, group)));
}

void check_name_is_free(std::string_view name) {
    if (lower_case(name.substr(0, 4)) == "aws/") {
        throw invalid_parameter("Log groups starting with AWS/ are reserved for AWS.");
    }
}

/// Differs: AWS keeps events of the class DELIVERY for one day; its words for a wish to change that are not
/// known.
void check_retention_is_free(const LogGroup& group) {
    if (group.log_class != delivery_class) return;
    throw invalid_parameter(fmt::format(
        "The log group {} is of log-group-class DELIVERY, whose retention of one day can't be changed.",
        group.name));
}

/// The group of AssociateKmsKey and DisassociateKmsKey.
LogGroup encrypted_group(const Writing& logs, const Caller& caller, const Json& input) {
    const std::string name = text_or_empty(input, "logGroupName");
    const std::string identifier = text_or_empty(input, "resourceIdentifier");
    if (name.empty() == identifier.empty()) {
        throw invalid_parameter("Exactly one of logGroupName and resourceIdentifier must be given.");
    }
    if (!name.empty()) return group_named(logs, caller, name);
    if (identifier.find(":query-result:") != std::string::npos)
        throw not_supported_yet("encryption of query results");
    return group_identified(logs, caller, identifier);
}

}  // namespace

Json create_log_group(Writing& logs, const Caller& caller, const Json& input) {
    LogGroup group{.name = input.at("logGroupName"),
                   .creation_time = epoch_ms(logs.now),
                   .log_class = value_or<std::string>(input, "logGroupClass", "STANDARD"),
                   .deletion_protection = value_or(input, "deletionProtectionEnabled", false)};
    check_name_is_free(group.name);
    if (group.log_class == delivery_class) group.retention_days = delivery_class_retention_days;
    if (const auto key = input.find("kmsKeyId"); key != input.end()) {
        group.kms_key_id = key->get<std::string>();
        check_kms_key(caller, group.name, *group.kms_key_id);
    }
    const Json tags = value_or(input, "tags", Json::object());
    check_tag_keys(tags);

    const auto id = logs.group_writer.create(caller, group);
    if (!id) throw group_exists();
    for (const auto& [key, value] : tags.items())
        logs.group_writer.set_tag(*id, key, value.get<std::string>());
    if (group.retention_days) {
        logs.database.after_commit([&sweep = logs.sweep] { sweep.ensure_scheduled(); });
    }
    return Json::object();
}

Json delete_log_group(Writing& logs, const Caller& caller, const Json& input) {
    const LogGroup group = group_named(logs, caller, input.at("logGroupName").get_ref<const std::string&>());
    if (group.deletion_protection) throw deletion_protected(group.name);
    logs.event_writer.erase_group(group.id);
    logs.stream_writer.erase_group(group.id);
    logs.group_writer.erase(group.id);
    return Json::object();
}

Json put_retention_policy(Writing& logs, const Caller& caller, const Json& input) {
    const std::int64_t days = input.at("retentionInDays");
    if (!is_allowed_retention(days)) {
        throw invalid_parameter(fmt::format(
            "1 validation error detected: Value '{}' at 'retentionInDays' failed to satisfy constraint: "
            "Member must satisfy enum value set: {}",
            days, allowed_retention_text()));
    }
    const LogGroup group = group_named(logs, caller, input.at("logGroupName").get_ref<const std::string&>());
    check_retention_is_free(group);
    logs.group_writer.set_retention(group.id, days);
    logs.database.after_commit([&sweep = logs.sweep] { sweep.ensure_scheduled(); });
    return Json::object();
}

Json delete_retention_policy(Writing& logs, const Caller& caller, const Json& input) {
    const LogGroup group = group_named(logs, caller, input.at("logGroupName").get_ref<const std::string&>());
    check_retention_is_free(group);
    logs.group_writer.set_retention(group.id, std::nullopt);
    return Json::object();
}

Json put_log_group_deletion_protection(Writing& logs, const Caller& caller, const Json& input) {
    const LogGroup group =
        group_identified(logs, caller, input.at("logGroupIdentifier").get_ref<const std::string&>());
    logs.group_writer.set_deletion_protection(group.id, input.at("deletionProtectionEnabled"));
    return Json::object();
}

Json associate_kms_key(Writing& logs, const Caller& caller, const Json& input) {
    const std::string key = input.at("kmsKeyId");
    const LogGroup group = encrypted_group(logs, caller, input);
    check_kms_key(caller, group.name, key);
    logs.group_writer.set_kms_key(group.id, key);
    return Json::object();
}

Json disassociate_kms_key(Writing& logs, const Caller& caller, const Json& input) {
    logs.group_writer.set_kms_key(encrypted_group(logs, caller, input).id, std::nullopt);
    return Json::object();
}

}  // namespace rockwatch::logs
