#include "rules/template.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/error.hpp"

namespace rockwatch::rules {

namespace {

constexpr std::string_view group_prefix = "match.";

/// The N of match.N; nullopt for other names.
std::optional<std::size_t> group_number(std::string_view name) {
    if (!name.starts_with(group_prefix)) return std::nullopt;
    name.remove_prefix(group_prefix.size());
    std::size_t number = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    constexpr std::size_t group_max = 1000;
    if (error != std::errc{} || stop != name.data() + name.size() || number > group_max) return std::nullopt;
    return number;
}

/// Appends what the name stands for; false when it is none of ours.
bool append_value(std::string& out, std::string_view name, const TemplateValues& values) {
    if (name == "prompt") {
        out += values.prompt;
    } else if (name == "modelId") {
        out += values.model_id;
    } else if (name == "turn") {
        out += std::to_string(values.turn);
    } else if (name == "requestId") {
        out += values.request_id;
    } else if (name == "now") {
        out += values.now;
    } else if (const auto number = group_number(name)) {
        if (*number < values.groups.size()) out += values.groups[*number];
    } else {
        return false;
    }
    return true;
}

/// Calls `take` with the text between {{ and }} of each place, and the offsets of the whole.
template <class F>
void each_place(std::string_view text, F take) {
    for (std::size_t at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 2)) {
        const auto end = text.find("}}", at + 2);
        if (end == std::string_view::npos) return;
        take(text.substr(at + 2, end - at - 2), at, end + 2);
    }
}

}  // namespace

std::string fill(std::string_view text, const TemplateValues& values) {
    std::string out;
    std::size_t copied = 0;
    each_place(text, [&](std::string_view name, std::size_t begin, std::size_t end) {
        const std::size_t length = out.size();
        out += text.substr(copied, begin - copied);
        if (append_value(out, name, values)) {
            copied = end;
        } else {
            out.resize(length);
        }
        if (out.size() > filled_bytes_max) {
            throw ServiceError("ValidationException",
                               "The rule's text grows beyond 1 MiB when it is filled in.");
        }
    });
    out += text.substr(copied);
    return out;
}

int highest_group(std::string_view text) {
    int highest = -1;
    each_place(text, [&](std::string_view name, std::size_t, std::size_t) {
        if (const auto number = group_number(name)) highest = std::max(highest, static_cast<int>(*number));
    });
    return highest;
}

int highest_group_in(const Json& tree) {
    if (tree.is_string()) return highest_group(std::string_view(tree.get_ref<const std::string&>()));
    int highest = -1;
    if (tree.is_structured()) {
        for (const Json& child : tree) highest = std::max(highest, highest_group_in(child));
    }
    return highest;
}

}  // namespace rockwatch::rules
