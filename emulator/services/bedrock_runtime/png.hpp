#pragma once

#include <cstdint>
#include <string>

#include "services/bedrock_runtime/image_header.hpp"

namespace rockwatch::bedrock_runtime {

/// A picture that stands for what an image model would have made.
struct Drawing {
    PixelSize size;
    std::uint64_t seed = 0;    ///< what its colours and its pattern depend on, and nothing else
    bool see_through = false;  ///< the background colour is fully transparent
};

/// The drawing as a PNG file: a mirrored pattern of eight by eight tiles in four colours. With a palette of
/// two bits a pixel and rows that repeat, 4096x4096 pixels take some ten kilobytes and a millisecond.
std::string drawn_png(const Drawing& drawing);

}  // namespace rockwatch::bedrock_runtime
