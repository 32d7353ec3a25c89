#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "options.hpp"

namespace rockwatch {

/// Readers of the options' values. Each throws WrongValue with what would be right.

struct Bounds {
    std::int64_t from;
    std::int64_t to;
};
std::int64_t read_whole_number(std::string_view text, Bounds bounds);

/// 67108864, 64MiB: bytes, or so many KiB, MiB or GiB.
std::int64_t read_bytes(std::string_view text, Bounds bounds);
/// 64 MiB, as a person reads it.
std::string bytes_text(std::int64_t bytes);

/// real, frozen, scaled:N
void read_clock(Options& options, const std::string& text);
/// ISO 8601 with Z, or epoch milliseconds.
Instant read_now(const std::string& text);

/// eu-west-1
std::string read_region(const std::string& text);

/// ARN=URL, `*` allowed in the ARN. Whether the host may be called is judged when all options are known.
deliveries::Destination read_destination(const std::string& text);

/// https://app.example, as browsers send it.
std::string read_origin(const std::string& text);
/// A host name or address, `*` allowed; no URL.
std::string read_host(const std::string& text);

}  // namespace rockwatch
