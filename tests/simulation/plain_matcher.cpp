#include <cstdlib>
#include <vector>

#include "core/json.hpp"
#include "logs_model.hpp"

/// Written from facts/logs.md 5 and from nothing else: slow, and easy to check by eye.
namespace rockwatch::simulation {

namespace {

bool contains(const std::string& message, const std::string& term) {
    return message.find(term) != std::string::npos;
}

/// `a "b c" -d ?e` cut into terms; quotes are taken off, signs stay in front.
std::vector<std::string> terms_of(const std::string& pattern) {
    std::vector<std::string> terms;
    std::string term;
    bool quoted = false;
    for (const char c : pattern) {
        if (c == '"') {
            quoted = !quoted;
        } else if (c == ' ' && !quoted) {
            if (!term.empty()) terms.push_back(std::exchange(term, {}));
        } else {
            term += c;
        }
    }
    if (!term.empty()) terms.push_back(term);
    return terms;
}

bool terms_match(const std::string& pattern, const std::string& message) {
    bool has_others = false;
    bool others_hold = true;
    bool has_alternatives = false;
    bool any_alternative = false;
    for (const std::string& term : terms_of(pattern)) {
        if (term[0] == '?') {
            has_alternatives = true;
            any_alternative = any_alternative || contains(message, term.substr(1));
        } else {
            has_others = true;
            const bool excluded = term[0] == '-';
            const bool found = contains(message, excluded ? term.substr(1) : term);
            others_hold = others_hold && found != excluded;
        }
    }
    if (has_others) return others_hold;  // then alternatives are ignored
    return !has_alternatives || any_alternative;
}

/// `$.x = 1`, `$.level != "ERROR"`: only members at the top, only numbers and texts without wildcards.
bool comparison_holds(const std::string& text, const Json& document) {
    std::vector<std::string> words = terms_of(text);
    const std::string member = words.at(0).substr(2);
    const std::string& sign = words.at(1);
    const std::string& wanted = words.at(2);
    const bool is_text = text.find('"') != std::string::npos;
    if (!document.contains(member)) return false;
    const Json& value = document.at(member);
    if (is_text) {
        if (!value.is_string()) return false;
        return (value.get<std::string>() == wanted) == (sign == "=");
    }
    if (!value.is_number()) return false;
    const double number = value.get<double>();
    const double other = std::strtod(wanted.c_str(), nullptr);
    if (sign == "=") return number == other;
    if (sign == "!=") return number != other;
    if (sign == ">") return number > other;
    if (sign == "<") return number < other;
    return sign == ">=" ? number >= other : number <= other;
}

bool json_matches(const std::string& pattern, const std::string& message) {
    const Json document = Json::parse(message, nullptr, false);
    if (!document.is_object()) return false;
    const std::string inside = pattern.substr(1, pattern.size() - 2);
    for (const char* joint : {"&&", "||"}) {
        const auto at = inside.find(joint);
        if (at == std::string::npos) continue;
        const bool left = comparison_holds(inside.substr(0, at), document);
        const bool right = comparison_holds(inside.substr(at + 2), document);
        return joint[0] == '&' ? left && right : left || right;
    }
    return comparison_holds(inside, document);
}

}  // namespace

bool plainly_matches(const std::string& pattern, const std::string& message) {
    return pattern.starts_with('{') ? json_matches(pattern, message) : terms_match(pattern, message);
}

}  // namespace rockwatch::simulation
