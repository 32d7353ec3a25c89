#include "core/random.hpp"

namespace rockwatch {

std::uint64_t Random::next() {
    const std::lock_guard lock(mutex_);
    return engine_();
}

double Random::unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

std::string Random::uuid() {
    static constexpr char hex[] = "0123456789abcdef";
    std::uint64_t words[2];
    {
        const std::lock_guard lock(mutex_);
        words[0] = engine_();
        words[1] = engine_();
    }
    words[0] = (words[0] & ~0xf000ULL) | 0x4000ULL;                // version 4
    words[1] = (words[1] & ~(0xc0ULL << 56U)) | (0x80ULL << 56U);  // RFC 4122 variant
    std::string text;
    text.reserve(36);
    for (int digit = 0; digit < 32; ++digit) {
        if (digit == 8 || digit == 12 || digit == 16 || digit == 20) text += '-';
        text += hex[(words[digit / 16] >> (60U - 4U * (digit % 16U))) & 0xfU];
    }
    return text;
}

std::string Random::text(std::size_t length, std::string_view alphabet) {
    std::string text(length, ' ');
    const std::lock_guard lock(mutex_);
    for (char& letter : text) letter = alphabet[engine_() % alphabet.size()];
    return text;
}

void Random::reseed(std::uint64_t seed) {
    const std::lock_guard lock(mutex_);
    engine_.seed(seed);
}

std::uint64_t text_hash(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
    return hash;
}

}  // namespace rockwatch
