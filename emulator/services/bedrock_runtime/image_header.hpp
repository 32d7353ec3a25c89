#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace rockwatch::bedrock_runtime {

/// In pixels.
struct PixelSize {
    std::int64_t width = 0;
    std::int64_t height = 0;
};

/// What an image file says of itself before its pixels.
struct ImageHeader {
    std::string_view format;  ///< png, jpeg, webp, gif
    PixelSize size;
    int bit_depth = 24;  ///< bits of one pixel
};

/// Reads the head of an image file; the pixels are not looked at. Nullopt for bytes that are none of the
/// four, or whose head is cut off or tells no size.
std::optional<ImageHeader> read_image_header(std::string_view bytes);

}  // namespace rockwatch::bedrock_runtime
