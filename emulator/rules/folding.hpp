#pragma once

#include <string>
#include <string_view>

namespace rockwatch::rules {

/// The text in the one form in which RE2 gives literals (`re2/filtered_re2.h`): each letter as its simple
/// case folding, ASCII or not. What is not UTF-8 stays as it is. Thread-safe.
std::string folded(std::string_view text);

}  // namespace rockwatch::rules
