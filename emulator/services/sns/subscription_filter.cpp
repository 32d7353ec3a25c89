#include "services/sns/subscription_filter.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/text.hpp"

namespace rockwatch::sns {

namespace {

constexpr std::size_t keys_max = 5;
constexpr double combinations_max = 150;

/// What a key of the policy meets in a message: its scalar values. None: the key is not there.
using Values = std::vector<Json>;

// --- conditions
// ------------------------------------------------------------------------------------------------

struct Network {
    std::array<std::uint8_t, 16> bytes{};
    int size = 0;  // of the address: 4 or 16 bytes
    int bits = 0;
};

std::optional<Network> read_ip(const std::string& text) {
    Network ip;
    if (inet_pton(AF_INET, text.c_str(), ip.bytes.data()) == 1) {
        ip.size = 4;
    } else if (inet_pton(AF_INET6, text.c_str(), ip.bytes.data()) == 1) {
        ip.size = 16;
    } else {
        return std::nullopt;
    }
    ip.bits = ip.size * 8;
    return ip;
}

std::optional<int> read_bits(std::string_view text) {
    int bits = 0;
    const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), bits);
    return failed == std::errc{} && stop == text.data() + text.size() ? std::optional(bits) : std::nullopt;
}

std::optional<Network> read_cidr(const std::string& text) {
    const auto slash = text.find('/');
    if (slash == std::string::npos) return std::nullopt;
    auto network = read_ip(text.substr(0, slash));
    const auto bits = read_bits(std::string_view(text).substr(slash + 1));
    if (!network || !bits || *bits < 0 || *bits > network->bits) return std::nullopt;
    network->bits = *bits;
    return network;
}

bool is_inside(const Network& ip, const Network& network) {
    if (ip.size != network.size) return false;
    for (int bit = 0; bit < network.bits; ++bit) {
        const auto byte = static_cast<std::size_t>(bit / 8);
        const unsigned mask = 0x80U >> static_cast<unsigned>(bit % 8);
        if ((ip.bytes[byte] & mask) != (network.bytes[byte] & mask)) return false;
    }
    return true;
}

/// `*` stands for any run; everything else for itself.
bool wildcard_matches(std::string_view pattern, std::string_view text) {
    const auto parts = split(pattern, '*');
    if (parts.size() == 1) return pattern == text;
    if (!text.starts_with(parts.front())) return false;
    text.remove_prefix(parts.front().size());
    for (std::size_t index = 1; index + 1 < parts.size(); ++index) {
        const auto found = text.find(parts[index]);
        if (found == std::string_view::npos) return false;
        text.remove_prefix(found + parts[index].size());
    }
    return text.ends_with(parts.back());
}

bool compares(double value, const std::string& comparison, double bound) {
    if (comparison == "=") return value == bound;
    if (comparison == "<") return value < bound;
    if (comparison == "<=") return value <= bound;
    if (comparison == ">") return value > bound;
    return comparison == ">=" && value >= bound;
}

bool is_in_range(const Json& value, const Json& range) {
    if (!value.is_number() || !range.is_array() || range.size() % 2 != 0) return false;
    for (std::size_t index = 0; index < range.size(); index += 2) {
        if (!range[index].is_string() || !range[index + 1].is_number()) return false;
        if (!compares(value.get<double>(), range[index].get<std::string>(), range[index + 1].get<double>()))
            return false;
    }
    return true;
}

bool text_condition_holds(const std::string& name, const std::string& wanted, const Json& value) {
    if (!value.is_string()) return false;
    const auto& text = value.get_ref<const std::string&>();
    if (name == "prefix") return text.starts_with(wanted);
    if (name == "suffix") return text.ends_with(wanted);
    if (name == "equals-ignore-case") return equal_ignoring_case(text, wanted);
    if (name == "wildcard") return wildcard_matches(wanted, text);
    if (name != "cidr") return false;
    const auto ip = read_ip(text);
    const auto network = read_cidr(wanted);
    return ip && network && is_inside(*ip, *network);
}

bool holds_for(const Json& condition, const Json& value);

bool anything_but_holds(const Json& unwanted, const Json& value) {
    if (!unwanted.is_array()) return !holds_for(unwanted, value);
    return std::none_of(unwanted.begin(), unwanted.end(),
                        [&](const Json& one) { return holds_for(one, value); });
}

/// Whether a condition other than `exists` holds for one value.
bool holds_for(const Json& condition, const Json& value) {
    if (!condition.is_object()) return condition == value;
    if (condition.size() != 1) return false;
    const std::string& name = condition.begin().key();
    const Json& wanted = condition.begin().value();
    if (name == "anything-but") return anything_but_holds(wanted, value);
    if (name == "numeric") return is_in_range(value, wanted);
    return wanted.is_string() && text_condition_holds(name, wanted.get_ref<const std::string&>(), value);
}

bool any_holds(const Json& conditions, const Values& values) {
    return std::any_of(conditions.begin(), conditions.end(), [&](const Json& condition) {
        const auto exists = condition.is_object() ? condition.find("exists") : condition.end();
        if (condition.is_object() && exists != condition.end())
            return exists->is_boolean() && exists->get<bool>() != values.empty();
        return std::any_of(values.begin(), values.end(),
                           [&](const Json& value) { return holds_for(condition, value); });
    });
}

// --- messages
// --------------------------------------------------------------------------------------------------

/// An attribute's values: one, or the elements of a String.Array. A binary value is there, but equals
/// nothing.
Values attribute_values(const Json& attribute) {
    const std::string type = text_or_empty(attribute, "DataType");
    const std::string text = text_or_empty(attribute, "StringValue");
    if (type.starts_with("Binary")) return {Json(Json::value_t::discarded)};
    if (type == "String.Array") {
        const auto list = parse_json(text);
        return list && list->is_array() ? Values(list->begin(), list->end()) : Values{};
    }
    if (type.starts_with("Number")) {
        auto number = parse_json(text);
        if (number && number->is_number()) return {std::move(*number)};
    }
    return {text};
}

void collect_scalars(const Json& node, Values& values) {
    if (node.is_array()) {
        for (const auto& element : node) collect_scalars(element, values);
    } else if (!node.is_object()) {
        values.push_back(node);
    }
}

void collect_members(const Json& node, const std::string& key, std::vector<const Json*>& members) {
    if (node.is_array()) {
        for (const auto& element : node) collect_members(element, key, members);
    } else if (node.is_object()) {
        if (const auto found = node.find(key); found != node.end()) members.push_back(&*found);
    }
}

bool is_or(const std::string& key, const Json& branches) {
    return key == "$or" && branches.is_array() && branches.size() > 1 &&
           std::all_of(branches.begin(), branches.end(),
                       [](const Json& branch) { return branch.is_object(); });
}

bool attributes_fit(const Json& policy, const Json& attributes) {
    for (const auto& [key, conditions] : policy.items()) {
        if (is_or(key, conditions)) {
            const bool one_fits = std::any_of(conditions.begin(), conditions.end(), [&](const Json& branch) {
                return attributes_fit(branch, attributes);
            });
            if (!one_fits) return false;
            continue;
        }
        const auto found = attributes.find(key);
        if (!any_holds(conditions, found == attributes.end() ? Values{} : attribute_values(*found)))
            return false;
    }
    return true;
}

bool body_fits(const Json& policy, const std::vector<const Json*>& nodes) {
    for (const auto& [key, conditions] : policy.items()) {
        if (is_or(key, conditions)) {
            const bool one_fits = std::any_of(conditions.begin(), conditions.end(),
                                              [&](const Json& branch) { return body_fits(branch, nodes); });
            if (!one_fits) return false;
            continue;
        }
        std::vector<const Json*> members;
        for (const Json* node : nodes) collect_members(*node, key, members);
        if (conditions.is_object()) {
            if (!body_fits(conditions, members)) return false;
            continue;
        }
        Values values;
        for (const Json* member : members) collect_scalars(*member, values);
        if (!any_holds(conditions, values)) return false;
    }
    return true;
}

// --- rules
// -----------------------------------------------------------------------------------------------------

void check_condition(const Json& condition);

const char* comparison_name(const std::string& comparison) {
    return comparison == "=" ? "equals" : comparison.c_str();
}

void check_bound(const std::string& comparison, const Json& range, std::size_t index) {
    if (index >= range.size() || !range[index].is_number()) {
        throw InvalidFilter(fmt::format("Value of {} must be numeric", comparison_name(comparison)));
    }
}

void check_numeric(const Json& range) {
    if (!range.is_array() || range.empty()) throw InvalidFilter("Invalid member in numeric match: ]");
    if (!range[0].is_string())
        throw InvalidFilter(fmt::format("Invalid member in numeric match: {}", to_text(range[0])));
    const std::string first = range[0];
    if (first != "<" && first != "<=" && first != "=" && first != ">" && first != ">=") {
        throw InvalidFilter(fmt::format("Unrecognized numeric range operator: {}", first));
    }
    check_bound(first, range, 1);
    if (range.size() == 2) return;
    if (first != ">" && first != ">=") throw InvalidFilter("Too many elements in numeric expression");
    if (!range[2].is_string())
        throw InvalidFilter(fmt::format("Bad value in numeric range: {}", to_text(range[2])));
    const std::string second = range[2];
    if (second != "<" && second != "<=")
        throw InvalidFilter(fmt::format("Bad numeric range operator: {}", second));
    check_bound(second, range, 3);
    if (range[3].get<double>() <= range[1].get<double>()) throw InvalidFilter("Bottom must be less than top");
    if (range.size() > 4) throw InvalidFilter("Too many terms in numeric range expression");
}

void check_cidr(const std::string& cidr) {
    const auto parts = split(cidr, '/');
    if (parts.size() != 2) throw InvalidFilter("Malformed CIDR, one '/' required");
    if (!read_bits(parts[1])) throw InvalidFilter("Malformed CIDR, mask bits must be an integer");
    if (!read_cidr(cidr)) throw InvalidFilter(fmt::format("Nonstandard IP address: {}", parts[0]));
}

void check_anything_but(const Json& unwanted) {
    if (unwanted.is_array()) {
        if (unwanted.empty()) throw InvalidFilter("Empty arrays are not allowed");
        for (const auto& one : unwanted) check_condition(one);
        return;
    }
    if (unwanted.is_object()) {
        for (const auto& [name, value] : unwanted.items()) {
            if (name != "prefix" && name != "suffix" && name != "wildcard" && name != "equals-ignore-case") {
                throw InvalidFilter(fmt::format("Unsupported anything-but pattern: {}", name));
            }
        }
    }
    check_condition(unwanted);
}

void check_condition(const Json& condition) {
    if (condition.is_null() || condition.is_string() || condition.is_boolean() || condition.is_number())
        return;
    if (!condition.is_object())
        throw InvalidFilter("Match value must be String, number, true, false, or null");
    if (condition.size() != 1) throw InvalidFilter("Only one key allowed in match expression");
    const std::string& name = condition.begin().key();
    const Json& value = condition.begin().value();
    if (name == "anything-but") return check_anything_but(value);
    if (name == "numeric") return check_numeric(value);
    if (name == "exists") {
        if (!value.is_boolean()) throw InvalidFilter("exists match pattern must be either true or false.");
        return;
    }
    const bool takes_text = name == "prefix" || name == "suffix" || name == "equals-ignore-case" ||
                            name == "wildcard" || name == "cidr";
    if (!takes_text) throw InvalidFilter(fmt::format("Unrecognized match type {}", name));
    if (!value.is_string())
        throw InvalidFilter(
            fmt::format("{} match pattern must be a string", name == "cidr" ? "prefix" : name));
    if (name == "cidr") check_cidr(value.get<std::string>());
}

/// Checks one level and returns `combinations` times its own: values times depth a key, summed over $or's
/// branches.
double check_level(const Json& policy, FilterScope scope, double combinations, int depth) {
    if (scope == FilterScope::message_attributes && depth > 1) {
        throw InvalidFilter("Filter policy scope MessageAttributes does not support nested filter policy");
    }
    for (const auto& [key, conditions] : policy.items()) {
        if (conditions.is_object()) {
            combinations = check_level(conditions, scope, combinations, depth + 1);
            continue;
        }
        if (!conditions.is_array())
            throw InvalidFilter(fmt::format("\"{}\" must be an object or an array", key));
        if (conditions.empty()) throw InvalidFilter("Empty arrays are not allowed");
        if (is_or(key, conditions)) {
            double sum = 0;
            for (const auto& branch : conditions) sum += check_level(branch, scope, combinations, depth);
            combinations = sum;
            continue;
        }
        for (const auto& condition : conditions) check_condition(condition);
        combinations *= static_cast<double>(conditions.size()) * depth;
    }
    return combinations;
}

}  // namespace

void check_filter_policy(const Json& policy, FilterScope scope) {
    if (!policy.is_object()) throw InvalidFilter("Filter policy must be a JSON object");
    if (policy.size() > keys_max) throw InvalidFilter("Filter policy can not have more than 5 keys");
    if (check_level(policy, scope, 1, 1) > combinations_max)
        throw InvalidFilter("Filter policy is too complex");
}

bool accepts(const Json& policy, FilterScope scope, const Json& attributes, std::string_view body) {
    if (!policy.is_object() || policy.empty()) return true;
    if (scope == FilterScope::message_attributes) return attributes_fit(policy, attributes);
    const auto document = parse_json(body);
    return document && document->is_object() && body_fits(policy, {&*document});
}

}  // namespace rockwatch::sns
