#include "rules/conversation.hpp"

#include <algorithm>
#include <unordered_map>

namespace rockwatch::rules {

namespace {

/// The tools that toolUse blocks called, by the blocks' ids; of one id the first.
std::unordered_map<std::string_view, std::string_view> called_tools(const Json& messages) {
    std::unordered_map<std::string_view, std::string_view> names;
    for (const Json& message : messages) {
        for (const Json& block : elements(message, "content")) {
            if (const Json* use = member(block, "toolUse"))
                names.emplace(text_member(*use, "toolUseId"), text_member(*use, "name"));
        }
    }
    return names;
}

}  // namespace

const Json* member(const Json& value, std::string_view name) {
    if (!value.is_object()) return nullptr;
    const auto found = value.find(name);
    return found == value.end() ? nullptr : &*found;
}

const Json& elements(const Json& value, std::string_view name) {
    static const Json none = Json::array();
    const Json* found = member(value, name);
    return found != nullptr && found->is_array() ? *found : none;
}

std::string_view text_member(const Json& value, std::string_view name) {
    const Json* found = member(value, name);
    return found != nullptr && found->is_string() ? std::string_view(found->get_ref<const std::string&>())
                                                  : std::string_view{};
}

std::string text_of_blocks(const Json& blocks) {
    std::string text;
    for (const Json& block : blocks) {
        const Json* part = member(block, "text");
        if (part == nullptr || !part->is_string()) continue;
        if (!text.empty()) text += '\n';
        text += part->get_ref<const std::string&>();
    }
    return text;
}

std::string last_user_text(const Json& converse) {
    const Json& messages = elements(converse, "messages");
    for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
        if (text_member(*message, "role") == "user") return text_of_blocks(elements(*message, "content"));
    }
    return {};
}

std::string system_text(const Json& converse) { return text_of_blocks(elements(converse, "system")); }

std::int64_t user_turns(const Json& converse) {
    std::int64_t turns = 0;
    for (const Json& message : elements(converse, "messages"))
        turns += text_member(message, "role") == "user" ? 1 : 0;
    return turns;
}

std::vector<std::string_view> offered_tools(const Json& converse) {
    std::vector<std::string_view> names;
    const Json* config = member(converse, "toolConfig");
    if (config == nullptr) return names;
    for (const Json& tool : elements(*config, "tools")) {
        for (const std::string_view kind : {"toolSpec", "systemTool"}) {
            const Json* spec = member(tool, kind);
            if (spec != nullptr) names.push_back(text_member(*spec, "name"));
        }
    }
    return names;
}

bool offers_tool(const Json& converse, std::string_view name) {
    const auto names = offered_tools(converse);
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string_view> tool_results(const Json& converse) {
    std::vector<std::string_view> names;
    const Json& messages = elements(converse, "messages");
    if (messages.empty()) return names;
    for (const Json& block : elements(messages.back(), "content")) {
        if (const Json* result = member(block, "toolResult"))
            names.push_back(text_member(*result, "toolUseId"));
    }
    if (names.empty()) return names;
    const auto called = called_tools(messages);
    for (std::size_t index = 0, ids = names.size(); index < ids; ++index) {
        if (const auto tool = called.find(names[index]); tool != called.end()) names.push_back(tool->second);
    }
    return names;
}

bool has_tool_result(const Json& converse, std::string_view id_or_name) {
    const auto names = tool_results(converse);
    return std::find(names.begin(), names.end(), id_or_name) != names.end();
}

}  // namespace rockwatch::rules
