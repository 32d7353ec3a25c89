#pragma once

#include <cstdint>
#include <mutex>
#include <random>
#include <string>
#include <string_view>

namespace rockwatch {

/// Seeded numbers and ids: the same seed and the same calls give the same values. Thread-safe.
class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    std::uint64_t next();
    /// In [0, bound); bound > 0.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }
    /// In [0, 1).
    double unit();
    /// A version 4 UUID.
    std::string uuid();
    /// `length` characters, each out of `alphabet`.
    std::string text(std::size_t length, std::string_view alphabet);
    void reseed(std::uint64_t seed);

private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
};

inline constexpr std::string_view lower_alphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789";
inline constexpr std::string_view upper_alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
inline constexpr std::string_view alphanumeric =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A number that depends on the text alone (FNV-1a): for answers that must be the same for the same prompt.
std::uint64_t text_hash(std::string_view text);

}  // namespace rockwatch
