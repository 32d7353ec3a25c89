#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rockwatch::logs {

/// A JSON text laid out flat, in the order of the text, without copies: what a scan over many messages can
/// afford. Numbers keep the characters they were written with, which patterns compare with.
class JsonTape {
public:
    enum class Kind : std::uint8_t { null, true_value, false_value, number, string, array, object };

    struct Node {
        Kind kind = Kind::null;
        bool escaped = false;  ///< `text` has escapes
        bool key_escaped = false;
        std::uint32_t behind = 0;  ///< index of the node behind this one and all it holds
        std::string_view text;     ///< number: as written; string: between the quotes
        std::string_view key;      ///< a member's name, between the quotes
    };

    /// Nullopt when the text is not exactly one well-formed value, or is nested deeper than `json_depth_max`.
    /// The tape points into `text`.
    static std::optional<JsonTape> parse(std::string_view text);

    const Node& root() const { return nodes_.front(); }

    /// Shows the elements of an array or the member values of an object until `visit` says false.
    template <class Visit>
    void children(const Node& parent, Visit&& visit) const {
        const auto index = static_cast<std::uint32_t>(&parent - nodes_.data());
        for (std::uint32_t child = index + 1; child < parent.behind; child = nodes_[child].behind) {
            if (!visit(nodes_[child])) return;
        }
    }

    /// The last member of that name; nullptr when there is none or `object` is not one.
    const Node* member(const Node& object, std::string_view name) const;
    /// nullptr when there is none or `array` is not one.
    const Node* element(const Node& array, std::size_t index) const;

    /// A string's characters; `buffer` holds them when they had to be unescaped.
    static std::string_view characters(const Node& node, std::string& buffer);

private:
    friend class JsonTapeParser;
    std::vector<Node> nodes_;
};

}  // namespace rockwatch::logs
