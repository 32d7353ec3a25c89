#include "services/logs/event_position.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rockwatch::logs {

namespace {

constexpr std::size_t digits_min = 56;
constexpr std::size_t digits_max = 58;    // of numbers below 2^192
constexpr unsigned timestamp_shift = 16;  // within the upper of three 64-bit words: 2^144 = 2^(128 + 16)
constexpr std::int64_t timestamp_max = (1LL << (64 - timestamp_shift)) - 1;
constexpr std::uint64_t ten_to_18 = 1'000'000'000'000'000'000;

/// A number of 192 bits, most significant word first.
struct Wide {
    std::uint64_t words[3] = {};

    /// Divides by 10^18; what is left over.
    std::uint64_t divide() {
        unsigned __int128 rest = 0;
        for (std::uint64_t& word : words) {
            const unsigned __int128 part = (rest << 64U) | word;
            word = static_cast<std::uint64_t>(part / ten_to_18);
            rest = part % ten_to_18;
        }
        return static_cast<std::uint64_t>(rest);
    }

    /// Times ten plus a digit; false when that is too large.
    bool append(unsigned digit) {
        unsigned __int128 carry = digit;
        for (int index = 2; index >= 0; --index) {
            carry += static_cast<unsigned __int128>(words[index]) * 10;
            words[index] = static_cast<std::uint64_t>(carry);
            carry >>= 64U;
        }
        return carry == 0;
    }
};

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char letter) { return letter >= '0' && letter <= '9'; });
}

}  // namespace

std::string position_text(const EventPosition& position) {
    const std::int64_t timestamp = std::clamp<std::int64_t>(position.timestamp, 0, timestamp_max);
    Wide wide{{static_cast<std::uint64_t>(timestamp) << timestamp_shift, 0, position.step}};
    const std::uint64_t low = wide.divide();
    const std::uint64_t middle = wide.divide();
    const std::uint64_t high = wide.divide();
    return fmt::format("{:02}{:018}{:018}{:018}", wide.words[2], high, middle, low);
}

std::optional<EventPosition> parse_position(std::string_view text) {
    const bool has_form = text.size() >= digits_min && text.size() <= digits_max && all_digits(text) &&
                          (text.size() == digits_min || text[0] != '0');
    if (!has_form) return std::nullopt;
    Wide wide;
    for (const char letter : text) {
        if (!wide.append(static_cast<unsigned>(letter - '0'))) return std::nullopt;
    }
    const bool rest_fits = (wide.words[0] & ((1U << timestamp_shift) - 1)) == 0 && wide.words[1] == 0;
    if (!rest_fits || wide.words[2] > INT64_MAX) return std::nullopt;
    return EventPosition{static_cast<std::int64_t>(wide.words[0] >> timestamp_shift), wide.words[2]};
}

std::string read_token_text(const ReadToken& token) {
    return fmt::format("{}/{}/s", token.forward ? 'f' : 'b', position_text(token.position));
}

std::optional<ReadToken> parse_read_token(std::string_view text) {
    const bool has_form =
        (text.starts_with("f/") || text.starts_with("b/")) && text.ends_with("/s") && text.size() > 4;
    if (!has_form) return std::nullopt;
    const auto position = parse_position(text.substr(2, text.size() - 4));
    if (!position) return std::nullopt;
    return ReadToken{text[0] == 'f', *position};
}

std::string sequence_token(std::int64_t stream_id, std::int64_t now_ms) {
    return fmt::format("49{:036}{:018}", stream_id, now_ms);
}

}  // namespace rockwatch::logs
