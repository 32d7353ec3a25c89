#include <fmt/format.h>

#include <algorithm>

#include "services/cloudwatch/dashboard_body.hpp"
#include "services/cloudwatch/errors.hpp"
#include "services/cloudwatch/operations/operations.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr std::size_t page_size = 1000;
constexpr std::size_t names_max = 100;
constexpr std::size_t name_length_max = 255;
constexpr std::size_t tags_max = 50;

void check_name(const std::string& name) {
    const bool is_clean = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
    if (!is_clean) {
        throw invalid_value(
            "The value for field DashboardName contains invalid characters. It can only contain "
            "alphanumerics, dash (-) "
            "and underscore (_).\n");
    }
    if (name.empty() || name.size() > name_length_max) {
        throw invalid_value(fmt::format("The value for field DashboardName must have 1 to {} characters.\n",
                                        name_length_max));
    }
}

Json messages_json(const std::vector<DashboardFinding>& findings) {
    Json list = Json::array();
    for (const DashboardFinding& finding : findings) {
        list.push_back({{"DataPath", finding.data_path}, {"Message", finding.message}});
    }
    return list;
}

ServiceError invalid_body(std::string message, const std::vector<DashboardFinding>& errors) {
    return {"DashboardInvalidInputError", std::move(message),
            Json{{"dashboardValidationMessages", messages_json(errors)}}};
}

}  // namespace

std::string dashboard_arn(const Owner& owner, const std::string& name) {
    return fmt::format("arn:aws:cloudwatch::{}:dashboard/{}", owner.account, name);
}

Json put_dashboard(Writing& cloudwatch, const Caller& caller, const Json& input) {
    const std::string name = text_or_empty(input, "DashboardName");
    const std::string body_text = text_or_empty(input, "DashboardBody");
    check_name(name);
    const auto body = parse_json(body_text);
    if (!body || !body->is_object()) {
        const std::string message = "The field DashboardBody must be a valid JSON object";
        throw invalid_body(message, {{.data_path = "", .message = message}});
    }
    const DashboardCheck check = check_dashboard(*body);
    if (!check.errors.empty()) throw invalid_body(dashboard_error_text(check.errors), check.errors);
    const Json& tags = list_or_empty(input, "Tags");
    if (tags.size() > tags_max) {
        throw invalid_value(
            fmt::format("The collection Tags must not have a size greater than {}.", tags_max));
    }

    const bool is_new = !cloudwatch.dashboards.find(caller.account, name);
    cloudwatch.dashboard_writer.put(caller.account,
                                    {.name = name, .body = body_text, .last_modified = cloudwatch.now});
    if (is_new) cloudwatch.tag_writer.put(caller.account, dashboard_arn(caller, name), tags);
    return {{"DashboardValidationMessages", messages_json(check.warnings)}};
}

Json get_dashboard(Reading& cloudwatch, const Caller& caller, const Json& input) {
    const std::string name = text_or_empty(input, "DashboardName");
    check_name(name);
    const auto dashboard = cloudwatch.dashboards.find(caller.account, name);
    if (!dashboard) throw no_such_dashboard(name);
    return {{"DashboardArn", dashboard_arn(caller, name)},
            {"DashboardBody", dashboard->body},
            {"DashboardName", dashboard->name}};
}

Json list_dashboards(Reading& cloudwatch, const Caller& caller, const Json& input) {
    std::string after;
    if (input.contains("NextToken")) {
        const auto place = read_page_token(text_or_empty(input, "NextToken"));
        if (!place || !place->is_string()) throw invalid_value("Request parameter NextToken is invalid");
        after = place->get<std::string>();
    }
    Json output{{"DashboardEntries", Json::array()}};
    Json& entries = output["DashboardEntries"];
    const std::string prefix = text_or_empty(input, "DashboardNamePrefix");
    cloudwatch.dashboards.list(caller.account, prefix, after, [&](const DashboardEntry& entry) {
        if (entries.size() == page_size) {
            output["NextToken"] = page_token(entries.back()["DashboardName"]);
            return false;
        }
        entries.push_back({{"DashboardName", entry.name},
                           {"DashboardArn", dashboard_arn(caller, entry.name)},
                           {"LastModified", epoch_ms(entry.last_modified)},
                           {"Size", entry.body_bytes}});
        return true;
    });
    return output;
}

Json delete_dashboards(Writing& cloudwatch, const Caller& caller, const Json& input) {
    const Json& list = list_or_empty(input, "DashboardNames");
    if (list.empty()) throw invalid_value("The parameter DashboardNames is required.");
    if (list.size() > names_max) {
        throw invalid_value(
            fmt::format("The collection DashboardNames must not have a size greater than {}.", names_max));
    }
    const auto names = list.get<std::vector<std::string>>();
    for (const std::string& name : names) check_name(name);
    const auto remove_all = [names, owner = static_cast<const Owner&>(caller)](Database& database) {
        for (const std::string& name : names) {
            DashboardWriter(database).remove(owner.account, name);
            TagWriter(database).remove_of(owner.account, dashboard_arn(owner, name));
        }
    };
    for (const std::string& name : names) {
        if (cloudwatch.dashboards.find(caller.account, name)) continue;
        // The known ones go all the same; a refusal takes back what this call itself changes.
        cloudwatch.storage.enqueue(remove_all);
        throw no_such_dashboard(name);
    }
    remove_all(cloudwatch.database);
    return Json::object();
}

}  // namespace rockwatch::cloudwatch
