#include "services/bedrock_runtime/chat_request.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/chat_schema.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/native_parts.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

using rules::elements;
using rules::text_member;

constexpr std::array<NativeKey, 3> said_keys = {{{"role", JsonKind::string, true},
                                                 {"content", JsonKind::string_or_array, true},
                                                 {"name", JsonKind::string}}};
// `reasoning` and its other spelling come back from clients that send an answer's message again, as do the
// members that are null or empty there, and those that OpenAI's client adds: `parsed`, `parsed_arguments`,
// `index`.
constexpr std::array<NativeKey, 11> assistant_keys = {{{"role", JsonKind::string, true},
                                                       {"content", JsonKind::string_or_array},
                                                       {"name", JsonKind::string},
                                                       {"refusal", JsonKind::string},
                                                       {"tool_calls", JsonKind::array},
                                                       {"reasoning", JsonKind::string},
                                                       {"reasoning_content", JsonKind::string},
                                                       {"annotations", JsonKind::array},
                                                       {"parsed", JsonKind::any},
                                                       {"audio", JsonKind::object},
                                                       {"function_call", JsonKind::object}}};
constexpr std::array<NativeKey, 4> tool_keys = {{{"role", JsonKind::string, true},
                                                 {"content", JsonKind::string_or_array, true},
                                                 {"name", JsonKind::string},
                                                 {"tool_call_id", JsonKind::string, true}}};
constexpr std::array<NativeKey, 4> call_keys = {{{"id", JsonKind::string, true},
                                                 {"type", JsonKind::string},
                                                 {"function", JsonKind::object, true},
                                                 {"index", JsonKind::integer}}};
constexpr std::array<NativeKey, 3> called_keys = {{{"name", JsonKind::string, true},
                                                   {"arguments", JsonKind::string, true},
                                                   {"parsed_arguments", JsonKind::any}}};
constexpr std::array<NativeKey, 2> offer_keys = {
    {{"type", JsonKind::string, true}, {"function", JsonKind::object, true}}};
constexpr std::array<NativeKey, 4> function_keys = {{{"name", JsonKind::string, true},
                                                     {"description", JsonKind::string},
                                                     {"parameters", JsonKind::object},
                                                     {"strict", JsonKind::boolean}}};
constexpr std::array<NativeKey, 1> named_keys = {{{"name", JsonKind::string, true}}};
constexpr std::array<std::string_view, 1> call_types = {"function"};

/// A part of a message's content: its type, the member that holds it, that member's keys, and its kind in
/// Converse.
struct PartType {
    std::string_view type;
    JsonKind held;
    std::span<const NativeKey> keys;  ///< of what it holds, when that is an object
    std::string_view kind;
};
constexpr std::array<NativeKey, 2> image_keys = {
    {{"url", JsonKind::string, true}, {"detail", JsonKind::string}}};
constexpr std::array<NativeKey, 2> audio_keys = {
    {{"data", JsonKind::string, true}, {"format", JsonKind::string, true}}};
constexpr std::array<NativeKey, 2> file_keys = {
    {{"file_data", JsonKind::string, true}, {"filename", JsonKind::string}}};
constexpr std::array<PartType, 5> part_types = {{{"text", JsonKind::string, {}, "text"},
                                                 {"refusal", JsonKind::string, {}, "text"},
                                                 {"image_url", JsonKind::object, image_keys, "image"},
                                                 {"input_audio", JsonKind::object, audio_keys, "audio"},
                                                 {"file", JsonKind::object, file_keys, "document"}}};
constexpr std::array<std::string_view, 1> user_text = {"text"};
constexpr std::array<std::string_view, 4> user_parts = {"text", "image_url", "input_audio", "file"};
constexpr std::array<std::string_view, 2> assistant_parts = {"text", "refusal"};

/// Chosen: nothing is fetched from elsewhere, so an image comes with its bytes.
void check_image(const Json& image, const std::string& path) {
    if (!text_member(image, "url").starts_with("data:image/"))
        throw model_refused(path + ".url: Input should be a data: URL of an image in base64");
}

Json block_of(const Json& part, const std::string& path, std::span<const std::string_view> allowed) {
    const std::string_view type = text_member(part, "type");
    if (std::find(allowed.begin(), allowed.end(), type) == allowed.end())
        throw unknown_variant(member_path(path, "type"), type, allowed);
    const auto& known = *std::find_if(part_types.begin(), part_types.end(),
                                      [&](const PartType& candidate) { return candidate.type == type; });
    const std::array<NativeKey, 3> keys = {{{"type", JsonKind::string, true},
                                            {type, known.held, true},
                                            {"prompt_cache_breakpoint", JsonKind::any}}};
    check_members(part, path, keys);
    const Json& held = part.at(type);
    if (known.kind == "text") return {{"text", held}};
    check_members(held, member_path(path, type), known.keys);
    if (type == "image_url") check_image(held, member_path(path, type));
    return {{known.kind, Json::object()}};
}

/// A text, or a list of parts. Empty texts are left out.
void add_content(Json& blocks, const Json& message, const std::string& path,
                 std::span<const std::string_view> allowed) {
    const Json* content = given(message, "content");
    if (content == nullptr) return;
    if (content->is_string()) {
        if (!content->get_ref<const std::string&>().empty()) blocks.push_back({{"text", *content}});
        return;
    }
    for (std::size_t index = 0; index < content->size(); ++index)
        blocks.push_back(
            block_of((*content)[index], element_path(member_path(path, "content"), index), allowed));
}

Json tool_use_of(const Json& call, const std::string& path) {
    check_members(call, path, call_keys);
    if (const Json* type = given(call, "type"); type != nullptr && *type != "function")
        throw unknown_variant(member_path(path, "type"), type->get_ref<const std::string&>(), call_types);
    const Json& function = call.at("function");
    const std::string at = member_path(path, "function");
    check_members(function, at, called_keys);
    const auto& text = function.at("arguments").get_ref<const std::string&>();
    const auto input = text.empty() ? Json::object() : parse_json(text);
    if (!input || !input->is_object())
        throw unreadable(member_path(at, "arguments"), "invalid value: expected a JSON object as a string");
    return {{"toolUse", {{"toolUseId", call.at("id")}, {"name", function.at("name")}, {"input", *input}}}};
}

Json assistant_content(const Json& message, const std::string& path) {
    check_members(message, path, assistant_keys);
    for (const char* name : {"audio", "function_call"}) {
        if (given(message, name) != nullptr)
            throw not_supported(fmt::format("{}.{} is not supported yet by the emulator.", path, name));
    }
    Json blocks = Json::array();
    for (const char* name : {"reasoning", "reasoning_content"}) {
        if (!text_member(message, name).empty())
            blocks.push_back({{"reasoningContent", {{"reasoningText", {{"text", message.at(name)}}}}}});
    }
    add_content(blocks, message, path, assistant_parts);
    if (!text_member(message, "refusal").empty()) blocks.push_back({{"text", message.at("refusal")}});
    if (given(message, "content") == nullptr && given(message, "refusal") == nullptr &&
        elements(message, "tool_calls").empty())
        throw unreadable(path, "missing field `content`");
    const Json& calls = elements(message, "tool_calls");
    for (std::size_t index = 0; index < calls.size(); ++index)
        blocks.push_back(tool_use_of(calls[index], element_path(member_path(path, "tool_calls"), index)));
    return blocks;
}

Json tool_result_of(const Json& message, const std::string& path) {
    check_members(message, path, tool_keys);
    Json content = Json::array();
    add_content(content, message, path, user_text);
    return {{"toolResult", {{"toolUseId", message.at("tool_call_id")}, {"content", std::move(content)}}}};
}

Json said_content(const Json& message, const std::string& path, std::span<const std::string_view> allowed) {
    check_members(message, path, said_keys);
    Json blocks = Json::array();
    add_content(blocks, message, path, allowed);
    return blocks;
}

std::string_view role_of(const Json& message, const std::string& path,
                         std::span<const std::string_view> roles) {
    if (!message.is_object()) check_members(message, path, said_keys);
    const std::string_view role = text_member(message, "role");
    if (role.empty()) check_members(message, path, said_keys);
    if (std::find(roles.begin(), roles.end(), role) == roles.end())
        throw unknown_variant(member_path(path, "role"), role, roles);
    return role;
}

void take_choice(Json& config, const Json& choice, std::string_view forcing) {
    if (choice.is_string()) {
        const auto& word = choice.get_ref<const std::string&>();
        const std::array<std::string_view, 3> words = {"none", "auto", forcing};
        if (std::find(words.begin(), words.end(), word) == words.end())
            throw unknown_variant("tool_choice", word, words);
        if (word == forcing) config["toolChoice"] = {{"any", Json::object()}};
        return;
    }
    const std::string_view type = text_member(choice, "type");
    if (!type.empty() && type != "function")
        throw not_supported(
            fmt::format("tool_choice of type {} is not supported yet by the emulator.", type));
    check_members(choice, "tool_choice", offer_keys);
    check_members(choice.at("function"), "tool_choice.function", named_keys);
    const Json& name = choice.at("function").at("name");
    const Json& tools = config.at("tools");
    const bool offered = std::any_of(
        tools.begin(), tools.end(), [&](const Json& tool) { return tool.at("toolSpec").at("name") == name; });
    if (!offered)
        throw model_refused(fmt::format("tool_choice.function.name: `{}` is none of the tools",
                                        name.get_ref<const std::string&>()));
    config["toolChoice"] = {{"tool", {{"name", name}}}};
}

Json tool_spec_of(const Json& tool, const std::string& path) {
    const std::string_view type = text_member(tool, "type");
    if (!type.empty() && type != "function")
        throw not_supported(
            fmt::format("{}: tools of type {} are not supported yet by the emulator.", path, type));
    check_members(tool, path, offer_keys);
    const Json& function = tool.at("function");
    check_members(function, member_path(path, "function"), function_keys);
    const Json* parameters = given(function, "parameters");
    Json spec = {{"name", function.at("name")},
                 {"inputSchema", {{"json", parameters == nullptr ? Json::object() : *parameters}}}};
    if (const Json* description = given(function, "description")) spec["description"] = *description;
    return {{"toolSpec", std::move(spec)}};
}

}  // namespace

void take_chat_messages(Json& converse, const Json& body, std::span<const std::string_view> roles) {
    Json turns = Json::array();
    const auto add_turn = [&](std::string_view role, Json content) {
        turns.push_back({{"role", role}, {"content", std::move(content)}});
    };
    bool after_result = false;
    const Json& messages = elements(body, "messages");
    for (std::size_t index = 0; index < messages.size(); ++index) {
        const Json& message = messages[index];
        const std::string path = element_path("messages", index);
        const std::string_view role = role_of(message, path, roles);
        if (role == "system" || role == "developer") {
            for (Json& block : said_content(message, path, user_text))
                converse["system"].push_back(std::move(block));
        } else if (role == "user") {
            add_turn("user", said_content(message, path, user_parts));
        } else if (role == "assistant") {
            add_turn("assistant", assistant_content(message, path));
        } else {
            if (!after_result) add_turn("user", Json::array());
            turns.back()["content"].push_back(tool_result_of(message, path));
        }
        after_result = role == "tool";
    }
    if (turns.empty()) throw model_refused("messages: at least one message of a user is required");
    converse["messages"] = std::move(turns);
}

void take_chat_tools(Json& converse, const Json& body, std::string_view forcing) {
    const Json& tools = elements(body, "tools");
    const Json* choice = given(body, "tool_choice");
    if (tools.empty()) {
        if (choice != nullptr && *choice != "none" && *choice != "auto")
            throw model_refused("tool_choice is only allowed when tools are specified");
        return;
    }
    Json config = {{"tools", Json::array()}};
    for (std::size_t index = 0; index < tools.size(); ++index)
        config["tools"].push_back(tool_spec_of(tools[index], element_path("tools", index)));
    if (choice != nullptr) take_choice(config, *choice, forcing);
    converse["toolConfig"] = std::move(config);
}

void take_chat_max_tokens(Json& converse, const Json& body, std::string_view name) {
    const Json* count = given(body, name);
    if (count == nullptr) return;
    if (count_of(*count) < 1)
        throw model_refused(fmt::format("{} must be at least 1, got {}.", name, count->dump()));
    converse["inferenceConfig"]["maxTokens"] = *count;
}

void take_chat_stop(Json& converse, const Json& body) {
    const Json* stop = given(body, "stop");
    if (stop == nullptr) return;
    Json sequences = stop->is_array() ? *stop : Json::array({*stop});
    for (std::size_t index = 0; index < sequences.size(); ++index) {
        if (!sequences[index].is_string())
            throw wrong_type(element_path("stop", index), sequences[index], JsonKind::string);
    }
    converse["inferenceConfig"]["stopSequences"] = std::move(sequences);
}

void take_chat_format(Json& converse, const Json& body) {
    const Json* format = given(body, "response_format");
    if (format == nullptr) return;
    constexpr std::array<NativeKey, 2> format_keys = {
        {{"type", JsonKind::string, true}, {"json_schema", JsonKind::object}}};
    constexpr std::array<NativeKey, 4> schema_keys = {{{"name", JsonKind::string, true},
                                                       {"description", JsonKind::string},
                                                       {"schema", JsonKind::object},
                                                       {"strict", JsonKind::boolean}}};
    constexpr std::array<std::string_view, 3> types = {"text", "json_object", "json_schema"};
    check_members(*format, "response_format", format_keys);
    const std::string_view type = text_member(*format, "type");
    if (std::find(types.begin(), types.end(), type) == types.end())
        throw unknown_variant("response_format.type", type, types);
    if (type == "text") return;
    Json schema = {{"type", "object"}};
    if (type == "json_schema") {
        const Json* wanted = given(*format, "json_schema");
        if (wanted == nullptr) throw unreadable("response_format", "missing field `json_schema`");
        check_members(*wanted, "response_format.json_schema", schema_keys);
        if (const Json* given_schema = given(*wanted, "schema")) schema = *given_schema;
    }
    converse["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"] = std::move(schema);
}

}  // namespace rockwatch::bedrock_runtime
