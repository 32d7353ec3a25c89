#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/fields.hpp"
#include "rules/rule.hpp"

namespace rockwatch::rules {

namespace {

constexpr std::size_t pattern_bytes_max = 4096;
constexpr std::int64_t pattern_memory_max = std::int64_t{8} << 20U;
constexpr std::array<std::string_view, 4> invocations = {"Converse", "ConverseStream", "InvokeModel",
                                                         "InvokeModelWithResponseStream"};

/// A text, or a list of at least one.
std::vector<std::string> texts(const Fields& fields, std::string_view name) {
    const Json* value = fields.find(name);
    if (value == nullptr) return {};
    const std::string at = fields.at(name);
    if (value->is_string() && !value->get_ref<const std::string&>().empty())
        return {value->get<std::string>()};
    if (!value->is_array() || value->empty()) throw invalid_rule("must be a text or a list of texts", at);
    std::vector<std::string> list;
    for (std::size_t index = 0; index < value->size(); ++index) {
        const Json& text = (*value)[index];
        if (!text.is_string() || text.get_ref<const std::string&>().empty()) {
            throw invalid_rule("must be a text that is not empty", pointer_to(at, std::to_string(index)));
        }
        list.push_back(text.get<std::string>());
    }
    return list;
}

Pattern pattern(const Fields& fields, std::string_view name) {
    const auto text = fields.text(name);
    if (!text) return nullptr;
    if (text->size() > pattern_bytes_max) throw invalid_rule("is longer than 4096 bytes", fields.at(name));
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(pattern_memory_max);
    auto regex = std::make_shared<const re2::RE2>(*text, options);
    if (!regex->ok())
        throw invalid_rule("is not a regular expression (RE2): " + regex->error(), fields.at(name));
    return regex;
}

std::vector<BodyCondition> body_conditions(const Fields& fields) {
    const Json* value = fields.find("body");
    if (value == nullptr) return {};
    const std::string at = fields.at("body");
    if (!value->is_object() || value->empty())
        throw invalid_rule("must be an object of JSON pointers and values", at);
    std::vector<BodyCondition> conditions;
    for (const auto& [pointer, wanted] : value->items()) {
        try {
            conditions.push_back({pointer, Json::json_pointer(pointer), wanted});
        } catch (const Json::parse_error&) {
            throw invalid_rule("is not a JSON pointer: it starts with / and escapes ~ as ~0",
                               pointer_to(at, pointer));
        }
    }
    return conditions;
}

std::vector<std::pair<std::string, std::string>> metadata_conditions(const Fields& fields) {
    const Json* value = fields.find("requestMetadata");
    if (value == nullptr) return {};
    const std::string at = fields.at("requestMetadata");
    if (!value->is_object() || value->empty()) throw invalid_rule("must be an object of texts", at);
    std::vector<std::pair<std::string, std::string>> conditions;
    for (const auto& [key, wanted] : value->items()) {
        if (!wanted.is_string()) throw invalid_rule("must be a string", pointer_to(at, key));
        conditions.emplace_back(key, wanted.get<std::string>());
    }
    return conditions;
}

}  // namespace

Match match_from_json(const Json& value, const std::string& pointer) {
    const Fields fields(value, pointer,
                        {"modelId", "operation", "prompt", "system", "anyMessage", "tool", "toolResult",
                         "turn", "body", "requestMetadata", "account", "region", "accessKeyId"});
    Match match;
    match.model_ids = texts(fields, "modelId");
    match.operations = texts(fields, "operation");
    for (const std::string& operation : match.operations) {
        if (std::find(invocations.begin(), invocations.end(), operation) == invocations.end()) {
            throw invalid_rule(fmt::format("{} is none of {}", operation, fmt::join(invocations, ", ")),
                               fields.at("operation"));
        }
    }
    match.prompt = pattern(fields, "prompt");
    match.system = pattern(fields, "system");
    match.any_message = pattern(fields, "anyMessage");
    match.tool = fields.text("tool");
    match.tool_result = fields.text("toolResult");
    match.turn = fields.integer("turn", {1, 1e9});
    match.body = body_conditions(fields);
    match.request_metadata = metadata_conditions(fields);
    match.account = fields.text("account");
    match.region = fields.text("region");
    match.access_key_id = fields.text("accessKeyId");
    return match;
}

}  // namespace rockwatch::rules
