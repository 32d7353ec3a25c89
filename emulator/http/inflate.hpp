#pragma once

#include <zlib.h>

#include <array>
#include <cstdint>

#include "http/body.hpp"

namespace rockwatch::http {

/// Inflates gzip (several members too), zlib and raw deflate. Never holds more than one buffer.
class Inflater {
public:
    explicit Inflater(const BodyLimits& limits) : limits_(limits) {}
    ~Inflater();
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    /// Fills at most `size` bytes, pulling from `wire`; 0 at the end. Throws BodyError: 400 for what is not
    /// compressed so or ends early, 413 for a bomb.
    std::size_t read(WireBody& wire, char* buffer, std::size_t size);

private:
    void begin(WireBody& wire);
    bool refill(WireBody& wire);
    bool is_next_member();

    const BodyLimits& limits_;
    z_stream stream_{};
    bool is_open_ = false;
    bool is_gzip_ = false;
    bool has_ended_ = false;
    std::uint64_t compressed_ = 0;
    std::uint64_t inflated_ = 0;
    std::array<char, 16 * 1024> input_;
};

}  // namespace rockwatch::http
