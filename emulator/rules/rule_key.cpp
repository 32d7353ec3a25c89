#include "rules/rule_key.hpp"

#include <fmt/format.h>

#include <cmath>

#include "rules/conversation.hpp"
#include "rules/fields.hpp"
#include "rules/literal.hpp"

namespace rockwatch::rules {

namespace {

// A letter for the part, then what it has to be.
std::string term(char part, std::string_view text) {
    std::string made(1, part);
    made += text;
    return made;
}

std::string pair_term(char part, std::string_view name, std::string_view value) {
    std::string made = term(part, name);
    made += '\0';
    made += value;
    return made;
}

/// A value so that equal ones have equal texts, numbers whatever their form; nullopt: it has to be compared.
std::optional<std::string> scalar_text(const Json& value) {
    constexpr double exact_max = 9'007'199'254'740'992.0;  // 2^53
    switch (value.type()) {
        case Json::value_t::null:
            return "null";
        case Json::value_t::boolean:
            return value.get<bool>() ? "true" : "false";
        case Json::value_t::string:
            return '"' + value.get_ref<const std::string&>();
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
        case Json::value_t::number_float: {
            const double number = value.get<double>();
            if (std::abs(number) >= exact_max) return std::nullopt;
            return fmt::format("{}", number + 0.0);  // no negative zero
        }
        default:
            return std::nullopt;
    }
}

RuleKey term_key(std::string text, std::string pointer) {
    return {.texts = {std::move(text)}, .pointer = std::move(pointer)};
}

std::optional<RuleKey> pattern_key(RuleKey::Kind kind, const Pattern& pattern, const char* pointer) {
    auto literals = required_literals(*pattern);
    if (literals.empty()) return std::nullopt;
    return RuleKey{.kind = kind, .texts = std::move(literals), .pointer = pointer};
}

std::optional<RuleKey> body_key(const BodyCondition& condition) {
    const auto value = scalar_text(condition.value);
    if (!value) return std::nullopt;
    return RuleKey{.texts = {pair_term('b', condition.path.to_string(), *value)},
                   .pointer = pointer_to("/match/body", condition.pointer),
                   .body = condition.path};
}

/// A term for each scalar of the body, where `places` are many and most of them lead nowhere.
void add_leaves(const Json& value, const std::string& pointer, const std::set<std::string>& places,
                std::vector<std::string>& terms) {
    if (value.is_object()) {
        for (const auto& [name, child] : value.items())
            add_leaves(child, pointer_to(pointer, name), places, terms);
    } else if (value.is_array()) {
        std::size_t index = 0;
        for (const Json& child : value)
            add_leaves(child, fmt::format("{}/{}", pointer, index++), places, terms);
    } else if (places.contains(pointer)) {
        if (const auto text = scalar_text(value)) terms.push_back(pair_term('b', pointer, *text));
    }
}

void add_body_terms(const Json& body, const std::set<std::string>& places, std::vector<std::string>& terms) {
    constexpr std::size_t looked_up_max = 16;
    if (places.size() > looked_up_max) return add_leaves(body, "", places, terms);
    for (const std::string& place : places) {
        const Json* value = value_at(body, Json::json_pointer(place));
        const auto text = value == nullptr ? std::nullopt : scalar_text(*value);
        if (text) terms.push_back(pair_term('b', place, *text));
    }
}

}  // namespace

std::optional<RuleKey> key_of(const Match& match) {
    using Kind = RuleKey::Kind;
    if (match.prompt) return pattern_key(Kind::prompt, match.prompt, "/match/prompt");
    if (match.system) return pattern_key(Kind::system, match.system, "/match/system");
    if (match.any_message) return pattern_key(Kind::any_message, match.any_message, "/match/anyMessage");
    if (match.tool) return term_key(term('t', *match.tool), "/match/tool");
    if (match.tool_result) return term_key(term('r', *match.tool_result), "/match/toolResult");
    if (match.turn) return term_key(term('n', std::to_string(*match.turn)), "/match/turn");
    if (!match.body.empty()) return body_key(match.body.front());
    if (!match.request_metadata.empty()) {
        const auto& [name, value] = match.request_metadata.front();
        return term_key(pair_term('m', name, value), pointer_to("/match/requestMetadata", name));
    }
    if (match.account) return term_key(term('a', *match.account), "/match/account");
    if (match.region) return term_key(term('g', *match.region), "/match/region");
    if (match.access_key_id) return term_key(term('k', *match.access_key_id), "/match/accessKeyId");
    return std::nullopt;
}

void use(TermsInUse& terms, const RuleKey& key) {
    if (key.kind != RuleKey::Kind::term) return;
    const char part = key.texts.front().front();
    terms.tools |= part == 't';
    terms.tool_results |= part == 'r';
    terms.turns |= part == 'n';
    terms.metadata |= part == 'm';
    terms.callers |= part == 'a' || part == 'g' || part == 'k';
    if (key.body) terms.body.insert(key.body->to_string());
}

std::vector<std::string> terms_of(const Invocation& invocation, const TermsInUse& used) {
    const auto& parts = invocation.parts();
    std::vector<std::string> terms;
    if (used.tools) {
        for (const std::string_view name : offered_tools(parts.converse)) terms.push_back(term('t', name));
    }
    if (used.tool_results) {
        for (const std::string_view name : tool_results(parts.converse)) terms.push_back(term('r', name));
    }
    if (used.turns) terms.push_back(term('n', std::to_string(user_turns(parts.converse))));
    add_body_terms(parts.body, used.body, terms);
    if (used.metadata && parts.metadata != nullptr && parts.metadata->is_object()) {
        for (const auto& [name, value] : parts.metadata->items()) {
            if (value.is_string()) terms.push_back(pair_term('m', name, value.get_ref<const std::string&>()));
        }
    }
    if (used.callers) {
        terms.push_back(term('a', parts.caller.account));
        terms.push_back(term('g', parts.caller.region));
        terms.push_back(term('k', parts.caller.access_key));
    }
    return terms;
}

}  // namespace rockwatch::rules
