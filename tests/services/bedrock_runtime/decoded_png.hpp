#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

/// A PNG with a palette read back by the letter of its specification: signature, the order and the checksum
/// of its chunks, the filters of every row. Throws BrokenPromise for a file that a reader would refuse.
namespace rockwatch::bedrock_runtime {

struct DecodedPng {
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::vector<std::array<std::uint8_t, 3>> palette;
    bool has_transparency = false;
    std::vector<std::vector<std::uint8_t>> rows;  ///< indexes of the palette
};

DecodedPng decode_png(const std::string& bytes);

}  // namespace rockwatch::bedrock_runtime
