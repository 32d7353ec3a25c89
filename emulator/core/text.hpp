#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rockwatch {

/// ASCII only, as HTTP compares names.
bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string lower_case(std::string_view text);

std::vector<std::string_view> split(std::string_view text, char separator);
/// Without the blanks at both ends: spaces and tabs, unless others are meant.
std::string_view trim(std::string_view text, std::string_view blanks = " \t");
std::string join(const std::vector<std::string>& parts, std::string_view separator);

std::string base64_encode(std::string_view bytes);
/// False when the text is not base64 (padding may be missing, blanks may not).
bool base64_decode(std::string_view text, std::string& bytes);

/// %41 and, when `plus_is_space`, + as in forms. Broken escapes stay as they are.
std::string percent_decode(std::string_view text, bool plus_is_space = false);
/// Everything but A-Za-z0-9-_.~ becomes %XX.
std::string percent_encode(std::string_view text);

/// `*` any run, `?` one character; anchored at both ends. Linear in text times pattern, never recursive.
bool glob_matches(std::string_view pattern, std::string_view text);

bool is_utf8(std::string_view text);
/// Appends the bytes of a code point, which is below 0x110000 and no surrogate.
void append_utf8(std::string& text, std::uint32_t point);
/// The beginning of a UTF-8 text, at most so many bytes, that ends with a whole code point.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max);
/// Number of code points of a UTF-8 text.
std::size_t utf8_length(std::string_view text);

}  // namespace rockwatch
