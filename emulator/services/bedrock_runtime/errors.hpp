#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "core/error.hpp"

namespace rockwatch::bedrock_runtime {

inline ServiceError validation_error(std::string message) {
    return {"ValidationException", std::move(message)};
}

inline ServiceError unknown_model() { return validation_error("The provided model identifier is invalid."); }

/// With the typographic apostrophe (U+2019) that clients look for.
inline ServiceError profile_needed(std::string_view model_id) {
    return validation_error(
        fmt::format("Invocation of model ID {} with on-demand throughput isn\u2019t supported. Retry your "
                    "request with the ID or ARN of an "
                    "inference profile that contains this model.",
                    model_id));
}

inline ServiceError malformed_request() {
    return validation_error("Malformed input request, please reformat your input and try again.");
}

/// A problem with the middle left out when it is long, so that no answer repeats what the caller sent by the
/// megabyte; where it is and what is wrong stand at its ends. Never cuts a character.
inline std::string shortened(std::string_view problem) {
    constexpr std::size_t whole_max = 240;
    constexpr std::size_t head = 160;
    constexpr std::size_t tail = 60;
    if (problem.size() <= whole_max) return std::string(problem);
    const auto within_character = [&](std::size_t at) {
        return (static_cast<unsigned char>(problem[at]) & 0xc0U) == 0x80U;
    };
    std::size_t end = head;
    while (end > 0 && within_character(end)) --end;
    std::size_t begin = problem.size() - tail;
    while (begin < problem.size() && within_character(begin)) ++begin;
    return fmt::format("{}\u2026{}", problem.substr(0, end), problem.substr(begin));
}

/// `problem`: "#: required key [messages] not found", "2 schema violations found". Chosen: a caller's word in
/// it is cut to some hundred characters; whether AWS cuts it is not known.
inline ServiceError malformed_request(std::string_view problem) {
    return validation_error(fmt::format(
        "Malformed input request: {}, please reformat your input and try again.", shortened(problem)));
}

/// A 400 of the model itself, handed through.
inline ServiceError model_refused(std::string_view text) {
    return validation_error(fmt::format("The model returned the following errors: {}", text));
}

inline ServiceError not_supported(std::string message);

/// A content block that a family's native format cannot hold.
inline ServiceError no_place_for(std::string_view block, std::string_view family) {
    return not_supported(fmt::format("The native format of {} has no place for {}.", family, block));
}

/// 501: ours, not AWS's; says what the emulator has not.
inline ServiceError not_supported(std::string message) {
    ServiceError error("NotImplemented", std::move(message));
    error.status = 501;
    return error;
}

}  // namespace rockwatch::bedrock_runtime
