#include "services/bedrock_runtime/chat_answer.hpp"

#include <algorithm>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_parts.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

using rules::elements;
using rules::member;
using rules::text_member;

constexpr std::string_view reasoning_opens = "<reasoning>";
constexpr std::string_view reasoning_closes = "</reasoning>";

void check_place(const Block& block, const ChatForm& form) {
    if (block.kind == Block::Kind::image) throw no_place_for("images", form.family);
    if (block.kind == Block::Kind::redacted) throw no_place_for("redacted reasoning", form.family);
    if (block.kind == Block::Kind::reasoning && !form.reasons) throw no_place_for("reasoning", form.family);
}

std::string call_id(const Block& block, const ChatForm& form) {
    return native_tool_id(block.tool_use_id, {form.call_prefix, form.call_letters});
}

void append_call_head(std::string& out, const Block& block, const ChatForm& form) {
    out += R"("id":)";
    append_string(out, call_id(block, form));
    out += R"(,"type":"function","function":{"name":)";
    append_string(out, block.name);
    out += R"(,"arguments":)";
}

/// Takes the reasoning that stands in tags in front of the text, when there is one.
std::optional<std::string> take_reasoning(std::string_view& text) {
    if (!text.starts_with(reasoning_opens)) return std::nullopt;
    const auto end = text.find(reasoning_closes);
    if (end == std::string_view::npos) return std::nullopt;
    std::string reasoning(text.substr(reasoning_opens.size(), end - reasoning_opens.size()));
    text.remove_prefix(end + reasoning_closes.size());
    return reasoning;
}

std::optional<Block> read_call(const Json& call) {
    const Json* function = member(call, "function");
    if (function == nullptr) return std::nullopt;
    const auto input = parse_json(text_member(*function, "arguments"));
    if (!input || !input->is_object()) return std::nullopt;
    return Block{.kind = Block::Kind::tool_use,
                 .text = json_text(*input),
                 .name = std::string(text_member(*function, "name")),
                 .tool_use_id = std::string(text_member(call, "id"))};
}

std::optional<std::vector<Block>> read_message(const Json& message) {
    std::vector<Block> blocks;
    for (const char* name : {"reasoning", "reasoning_content"}) {
        if (const auto text = text_member(message, name); !text.empty())
            blocks.push_back({.kind = Block::Kind::reasoning, .text = std::string(text)});
    }
    std::string_view content = text_member(message, "content");
    if (content.empty()) content = text_member(message, "refusal");
    if (auto reasoning = take_reasoning(content))
        blocks.push_back({.kind = Block::Kind::reasoning, .text = std::move(*reasoning)});
    if (!content.empty()) blocks.push_back({.text = std::string(content)});
    for (const Json& call : elements(message, "tool_calls")) {
        auto block = read_call(call);
        if (!block) return std::nullopt;
        blocks.push_back(std::move(*block));
    }
    return blocks;
}

}  // namespace

void append_chat_content(std::string& out, const Answer& answer, const ChatForm& form) {
    std::string content;
    bool said = false;
    for (const Block& block : answer.blocks) {
        check_place(block, form);
        if (block.kind == Block::Kind::tool_use) continue;
        const bool reasoning = block.kind == Block::Kind::reasoning;
        if (reasoning) content += reasoning_opens;
        content += block.text;
        if (reasoning) content += reasoning_closes;
        said = true;
    }
    if (said || !form.null_content) {
        append_string(out, content);
    } else {
        out += "null";
    }
}

bool has_tool_calls(const Answer& answer) {
    return std::any_of(answer.blocks.begin(), answer.blocks.end(),
                       [](const Block& block) { return block.kind == Block::Kind::tool_use; });
}

void append_chat_calls(std::string& out, const Answer& answer, const ChatForm& form) {
    out += '[';
    for (const Block& block : answer.blocks) {
        if (block.kind != Block::Kind::tool_use) continue;
        if (out.back() != '[') out += ',';
        out += '{';
        append_call_head(out, block, form);
        append_string(out, block.text);
        out += "}}";
    }
    out += ']';
}

void append_chat_usage(std::string& out, const Usage& usage) {
    out += R"({"prompt_tokens":)";
    append_number(out, usage.total() - usage.output);
    out += R"(,"completion_tokens":)";
    append_number(out, usage.output);
    out += R"(,"total_tokens":)";
    append_number(out, usage.total());
    if (usage.cache_read > 0) {
        out += R"(,"prompt_tokens_details":{"cached_tokens":)";
        append_number(out, usage.cache_read);
        out += '}';
    }
    out += '}';
}

std::vector<ChatPiece> chat_pieces(const Answer& answer, const std::vector<Step>& steps,
                                   const ChatForm& form) {
    using Kind = ChatPiece::Kind;
    std::vector<ChatPiece> pieces;
    std::size_t calls = 0;
    static const Block none;
    for (const Step& step : steps) {
        const Block& block = answer.blocks.empty() ? none : answer.blocks[step.block];
        const bool reasoning = block.kind == Block::Kind::reasoning;
        const bool calling = block.kind == Block::Kind::tool_use;
        switch (step.kind) {
            case Step::Kind::message_start:
                pieces.push_back({.kind = Kind::start, .due = step.due});
                break;
            case Step::Kind::block_start:
                check_place(block, form);
                if (reasoning) pieces.push_back({.due = step.due, .text = std::string(reasoning_opens)});
                if (calling)
                    pieces.push_back(
                        {.kind = Kind::call, .due = step.due, .call = &block, .call_index = calls++});
                break;
            case Step::Kind::delta:
                if (step.signature) break;  // nothing is signed in this shape
                if (calling) {
                    pieces.push_back({Kind::arguments, step.due, step.text, &block, calls - 1});
                } else {
                    pieces.push_back({.due = step.due, .text = step.text});
                }
                break;
            case Step::Kind::block_stop:
                if (reasoning) pieces.push_back({.due = step.due, .text = std::string(reasoning_closes)});
                break;
            case Step::Kind::message_stop:
                pieces.push_back({.kind = Kind::stop, .due = step.due});
                break;
            case Step::Kind::metadata:
                pieces.push_back({.kind = Kind::end, .due = step.due});
                break;
        }
    }
    return pieces;
}

void append_chat_delta(std::string& out, const ChatPiece& piece, const ChatForm& form) {
    using Kind = ChatPiece::Kind;
    switch (piece.kind) {
        case Kind::start:
            out += R"({"role":"assistant","content":""})";
            return;
        case Kind::content:
            out += R"({"content":)";
            append_string(out, piece.text);
            out += '}';
            return;
        case Kind::call:
        case Kind::arguments:
            out += R"({"tool_calls":[{"index":)";
            append_number(out, static_cast<std::int64_t>(piece.call_index));
            out += ',';
            if (piece.kind == Kind::call) {
                append_call_head(out, *piece.call, form);
            } else {
                out += R"("function":{"arguments":)";
            }
            append_string(out, piece.text);
            out += "}}]}";
            return;
        case Kind::stop:
        case Kind::end:
            out += "{}";
            return;
    }
}

std::optional<Answer> read_chat_answer(const Json& native) {
    const Json& choices = elements(native, "choices");
    const Json* message = choices.empty() ? nullptr : member(choices.front(), "message");
    if (message == nullptr) return std::nullopt;
    auto blocks = read_message(*message);
    if (!blocks) return std::nullopt;
    Answer answer{.blocks = std::move(*blocks)};
    answer.usage.output = output_tokens(answer);
    if (const Json* usage = member(native, "usage")) {
        const Json* details = member(*usage, "prompt_tokens_details");
        answer.usage.cache_read = details == nullptr ? 0 : count_member(*details, "cached_tokens");
        answer.usage.input =
            std::max<std::int64_t>(count_member(*usage, "prompt_tokens") - answer.usage.cache_read, 0);
        answer.usage.output = count_member(*usage, "completion_tokens");
    }
    return answer;
}

}  // namespace rockwatch::bedrock_runtime
