#pragma once

#include <span>
#include <string_view>

#include "services/bedrock_runtime/image_header.hpp"

namespace rockwatch::bedrock_runtime {

/// An image that stands in a native body, and where.
struct InputImage {
    std::string_view base64;
    std::string_view pointer;                   ///< #/inPaintingParams/image
    std::span<const std::string_view> formats;  ///< that the model takes
};

/// Its header. Chosen: what is no base64 or no image of these formats is refused as the body's other faults
/// are; AWS's own words for it are not known. Throws ServiceError.
ImageHeader input_header(const InputImage& image);

/// Same for data:image/png;base64,…
ImageHeader data_uri_header(const InputImage& image);

/// Base64 of anything but nothing: sounds and films, which are not looked into. Throws ServiceError.
void check_media(std::string_view base64, std::string_view pointer);

inline constexpr std::string_view png_and_jpeg[] = {"png", "jpeg"};
inline constexpr std::string_view png_jpeg_and_webp[] = {"png", "jpeg", "webp"};
inline constexpr std::string_view all_image_formats[] = {"png", "jpeg", "webp", "gif"};

}  // namespace rockwatch::bedrock_runtime
