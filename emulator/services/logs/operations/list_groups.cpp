#include <algorithm>
#include <functional>

#include "core/text.hpp"
#include "services/logs/errors.hpp"
#include "services/logs/operations/naming.hpp"
#include "services/logs/operations/operations.hpp"
#include "services/logs/page_token.hpp"

namespace rockwatch::logs {

namespace {

using Wanted = std::function<bool(const LogGroup&)>;

constexpr int default_page = 50;

struct Page {
    std::vector<LogGroup> groups;
    bool more = false;
};

/// The next groups that are wanted; `more` when another one would follow.
Page page_of(const Reading& logs, const Owner& owner, std::string_view prefix, std::string_view after,
             std::size_t limit, const Wanted& wanted) {
    Page page;
    logs.groups.each(owner, prefix, after, [&](const LogGroup& group) {
        if (!wanted(group)) return true;
        page.more = page.groups.size() == limit;
        if (!page.more) page.groups.push_back(group);
        return !page.more;
    });
    return page;
}

/// Nobody links accounts here, so a list of accounts matters by whether the caller's own is in it.
bool looks_at_own_account(const Owner& owner, const Json& input) {
    const auto accounts = input.find("accountIdentifiers");
    if (!value_or(input, "includeLinkedAccounts", false) || accounts == input.end() || accounts->empty())
        return true;
    return std::any_of(accounts->begin(), accounts->end(),
                       [&](const Json& account) { return account == owner.account; });
}

bool has_class(const LogGroup& group, const std::string& log_class) {
    return log_class.empty() || group.log_class == log_class;
}

/// An entry of DescribeLogGroups. Source: facts/logs.md 2.4; a listing by pattern is said to lack two
/// members.
Json described(const Reading& logs, const Owner& owner, const LogGroup& group, bool by_pattern) {
    const std::string arn = group_arn(owner, group.name);
    Json entry = {{"logGroupName", group.name},
                  {"creationTime", group.creation_time},
                  {"metricFilterCount", 0},
                  {"arn", arn + ":*"},
                  {"logGroupClass", group.log_class},
                  {"logGroupArn", arn},
                  {"bearerTokenAuthenticationEnabled", false}};
    if (!by_pattern) {
        entry["storedBytes"] = logs.groups.stored_bytes(group.id);
        entry["deletionProtectionEnabled"] = group.deletion_protection;
    }
    if (group.retention_days) entry["retentionInDays"] = *group.retention_days;
    if (group.kms_key_id) entry["kmsKeyId"] = *group.kms_key_id;
    return entry;
}

/// The names of logGroupIdentifiers, sorted; those of other accounts and regions name nothing here.
std::vector<std::string> identified_names(const Owner& owner, const Json& input) {
    for (const char* filter :
         {"logGroupNamePrefix", "logGroupNamePattern", "logGroupClass", "accountIdentifiers"}) {
        if (!input.contains(filter)) continue;
        throw invalid_parameter(
            fmt::format("logGroupIdentifiers and {} are mutually exclusive parameters.", filter));
    }
    std::vector<std::string> names;
    for (const Json& identifier : input.at("logGroupIdentifiers")) {
        if (auto name = group_name_of(owner, identifier.get_ref<const std::string&>()))
            names.push_back(std::move(*name));
    }
    std::sort(names.begin(), names.end());
    return names;
}

Wanted described_filter(const Owner& owner, const Json& input) {
    if (input.contains("logGroupIdentifiers")) {
        return [names = identified_names(owner, input)](const LogGroup& group) {
            return std::binary_search(names.begin(), names.end(), group.name);
        };
    }
    return [pattern = text_or_empty(input, "logGroupNamePattern"),
            log_class = text_or_empty(input, "logGroupClass")](const LogGroup& group) {
        return has_class(group, log_class) && group.name.find(pattern) != std::string::npos;
    };
}

/// ListLogGroups' pattern: alternatives, each part of a name or, after `^`, its start.
bool matches_alternative(std::string_view name, std::string_view pattern) {
    for (const std::string_view alternative : split(pattern, '|')) {
        const bool at_start = alternative.starts_with('^');
        if (at_start ? name.starts_with(alternative.substr(1))
                     : name.find(alternative) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

/// A value of a tag filter: may start with `!` (must not be), and with or end in `*`.
bool tag_value_matches(std::string_view pattern, const std::string* value) {
    const bool negated = pattern.starts_with('!');
    if (negated) pattern.remove_prefix(1);
    return negated != (value != nullptr && glob_matches(pattern, *value));
}

bool has_tags(const Tags& tags, const Json& filters) {
    return std::all_of(filters.begin(), filters.end(), [&](const Json& filter) {
        const auto found = tags.find(filter.at("key").get_ref<const std::string&>());
        const std::string* value = found == tags.end() ? nullptr : &found->second;
        const auto values = filter.find("values");
        if (values == filter.end() || values->empty()) return value != nullptr;
        return std::any_of(values->begin(), values->end(), [&](const Json& pattern) {
            return tag_value_matches(pattern.get_ref<const std::string&>(), value);
        });
    });
}

}  // namespace

Json describe_log_groups(Reading& logs, const Caller& caller, const Json& input) {
    const std::string prefix = text_or_empty(input, "logGroupNamePrefix");
    const bool by_pattern = !text_or_empty(input, "logGroupNamePattern").empty();
    if (!prefix.empty() && by_pattern) {
        throw invalid_parameter(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
    }
    const Wanted wanted = described_filter(caller, input);
    const std::string query = listing_query("DescribeLogGroups", caller, input);
    const std::string after = resume_position(query, input).value_or("");

    Json answer = {{"logGroups", Json::array()}};
    if (!looks_at_own_account(caller, input)) return answer;
    const Page page = page_of(logs, caller, prefix, after, value_or(input, "limit", default_page), wanted);
    for (const LogGroup& group : page.groups)
        answer["logGroups"].push_back(described(logs, caller, group, by_pattern));
    if (page.more) answer["nextToken"] = page_token(query, page.groups.back().name);
    return answer;
}

Json list_log_groups(Reading& logs, const Caller& caller, const Json& input) {
    if (input.contains("dataSources")) throw not_supported_yet("ListLogGroups with dataSources");
    if (input.contains("fieldIndexNames")) throw not_supported_yet("ListLogGroups with fieldIndexNames");
    const std::string pattern = text_or_empty(input, "logGroupNamePattern");
    const std::string log_class = text_or_empty(input, "logGroupClass");
    const Json tag_filters = value_or(input, "logGroupTags", Json::array());
    const Wanted wanted = [&](const LogGroup& group) {
        return has_class(group, log_class) && (pattern.empty() || matches_alternative(group.name, pattern)) &&
               (tag_filters.empty() || has_tags(logs.groups.tags(group.id), tag_filters));
    };
    const std::string query = listing_query("ListLogGroups", caller, input);
    const std::string after = resume_position(query, input).value_or("");

    Json answer = {{"logGroups", Json::array()}};
    if (!looks_at_own_account(caller, input)) return answer;
    const Page page = page_of(logs, caller, "", after, value_or(input, "limit", default_page), wanted);
    for (const LogGroup& group : page.groups) {
        answer["logGroups"].push_back({{"logGroupName", group.name},
                                       {"logGroupArn", group_arn(caller, group.name)},
                                       {"logGroupClass", group.log_class}});
    }
    if (page.more) answer["nextToken"] = page_token(query, page.groups.back().name);
    return answer;
}

}  // namespace rockwatch::logs
