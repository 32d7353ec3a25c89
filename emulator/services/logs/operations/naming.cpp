#include "services/logs/operations/naming.hpp"

#include "core/arn.hpp"
#include "services/logs/errors.hpp"
#include "services/logs/page_token.hpp"

namespace rockwatch::logs {

namespace {

constexpr std::string_view group_resource = "log-group:";

}  // namespace

std::string group_arn(const Owner& owner, std::string_view group) {
    return arn_of(owner, "logs", std::string(group_resource).append(group));
}

std::optional<std::string> group_name_of(const Owner& owner, std::string_view identifier) {
    if (!identifier.starts_with("arn:")) return std::string(identifier);
    const auto arn = parse_arn(identifier);
    const bool is_ours = arn && arn->service == "logs" && arn->account == owner.account &&
                         arn->region == owner.region && arn->resource.starts_with(group_resource);
    if (!is_ours) return std::nullopt;
    return arn->resource.substr(group_resource.size());
}

LogGroup group_named(const Reading& logs, const Owner& owner, std::string_view name) {
    auto group = logs.groups.find(owner, name);
    if (!group) throw no_such_group();
    return std::move(*group);
}

LogGroup group_identified(const Reading& logs, const Owner& owner, std::string_view identifier) {
    const auto name = group_name_of(owner, identifier);
    if (!name) throw no_such_group();
    return group_named(logs, owner, *name);
}

LogGroup group_of(const Reading& logs, const Owner& owner, const Json& input) {
    const std::string name = text_or_empty(input, "logGroupName");
    const std::string identifier = text_or_empty(input, "logGroupIdentifier");
    if (!name.empty() && !identifier.empty()) {
        throw invalid_parameter("LogGroup name and LogGroup ARN are mutually exclusive parameters.");
    }
    if (name.empty() && identifier.empty()) {
        throw invalid_parameter("Either logGroupName or logGroupIdentifier must be given.");
    }
    return name.empty() ? group_identified(logs, owner, identifier) : group_named(logs, owner, name);
}

std::string listing_query(std::string_view operation, const Owner& owner, const Json& input) {
    Json shape = input;
    shape.erase("nextToken");
    shape.erase("limit");
    return fmt::format("{}|{}|{}|{}", operation, owner.account, owner.region, to_text(shape));
}

std::optional<std::string> resume_position(std::string_view query, const Json& input) {
    const auto token = input.find("nextToken");
    if (token == input.end()) return std::nullopt;
    auto position = parse_page_token(query, token->get_ref<const std::string&>());
    if (!position) throw invalid_token();
    return position;
}

}  // namespace rockwatch::logs
