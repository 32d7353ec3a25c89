#include "rules/folding.hpp"

#include <re2/filtered_re2.h>

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <cstring>
#include <unordered_map>
#include <vector>

namespace rockwatch::rules {

namespace {

/// Bytes of the character that begins so; 1 for a byte that begins none.
std::size_t bytes_of(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0xc2 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 1;
}

/// The characters of the first two planes but ASCII, and byte sequences that are none, which RE2 passes over.
/// No letter beyond has case.
std::string all_characters() {
    constexpr unsigned planes_end = 0x20000;
    std::string text;
    for (unsigned first = 0xc2; first <= 0xf0; ++first) {
        const std::size_t rest = bytes_of(static_cast<char>(first)) - 1;
        for (unsigned number = 0; number < std::min(1U << (6 * rest), planes_end); ++number) {
            text += static_cast<char>(first);
            for (std::size_t left = rest; left-- > 0;)
                text += static_cast<char>(0x80U | ((number >> (6 * left)) & 0x3fU));
        }
    }
    return text;
}

/// RE2's own table, which it does not show, read off the literals that it gives: another table, of another
/// version of Unicode, would leave out rules.
class FoldTable {
public:
    FoldTable() {
        // Letters with case, Roman numerals, the one mark that folds and the letters in circles.
        const re2::RE2 some(R"(([\p{Lu}\p{Lt}\p{Ll}\p{Nl}\x{345}\x{24B6}-\x{24CF}]+))");
        const std::string all = all_characters();
        re2::StringPiece rest(all);
        std::string letters;
        while (re2::RE2::FindAndConsume(&rest, some, &letters)) {
            for (std::size_t at = 0, end = 0; at < letters.size(); at = end) {
                while (end < letters.size() && end < at + few) end += bytes_of(letters[end]);
                add(std::string_view(letters).substr(at, end - at));
            }
        }
    }

    /// Nullptr: the character at the front, if it is one, stays as it is.
    const std::string* find(std::string_view text) const {
        const std::size_t size = bytes_of(text.front());
        if (size == 1 || size > text.size() || !starts_.test(number_of(text.substr(0, 2)))) return nullptr;
        const auto found = folded_.find(number_of(text.substr(0, size)));
        return found == folded_.end() ? nullptr : &found->second;
    }

private:
    static std::uint32_t number_of(std::string_view bytes) {
        std::uint32_t number = 0;
        std::memcpy(&number, bytes.data(), bytes.size());
        return number;
    }

    // RE2 joins a literal letter by letter: long ones take it long.
    static constexpr std::size_t few = 32;

    void add(std::string_view letters) {
        re2::FilteredRE2 filter(1);
        int id = 0;
        std::vector<std::string> literals;
        filter.Add({letters.data(), letters.size()}, re2::RE2::Options(), &id);
        filter.Compile(&literals);
        std::string_view to = literals.at(0);
        while (!letters.empty()) {
            const auto from_letter = letters.substr(0, bytes_of(letters.front()));
            const auto to_letter = to.substr(0, bytes_of(to.front()));
            letters.remove_prefix(from_letter.size());
            to.remove_prefix(to_letter.size());
            if (from_letter == to_letter) continue;
            folded_.emplace(number_of(from_letter), to_letter);
            starts_.set(number_of(from_letter.substr(0, 2)));
        }
    }

    std::unordered_map<std::uint32_t, std::string> folded_;  // by the letter's bytes
    std::bitset<1U << 16U> starts_;                          // the first two bytes of those that fold
};

/// Made when the first text needs it: that takes about 10 ms.
const FoldTable& fold_table() {
    static const FoldTable table;
    return table;
}

}  // namespace

std::string folded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const char byte = text.front();
        const std::string* other =
            static_cast<unsigned char>(byte) < 0x80 ? nullptr : fold_table().find(text);
        if (other != nullptr) {
            out += *other;
            text.remove_prefix(bytes_of(byte));
            continue;
        }
        out += byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte;
        text.remove_prefix(1);
    }
    return out;
}

}  // namespace rockwatch::rules
