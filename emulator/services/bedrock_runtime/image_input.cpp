#include "services/bedrock_runtime/image_input.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/text.hpp"
#include "services/bedrock_runtime/errors.hpp"

namespace rockwatch::bedrock_runtime {

ImageHeader input_header(const InputImage& image) {
    std::string bytes;
    if (base64_decode(image.base64, bytes)) {
        const auto header = read_image_header(bytes);
        if (header &&
            std::find(image.formats.begin(), image.formats.end(), header->format) != image.formats.end())
            return *header;
    }
    throw malformed_request(
        fmt::format("{}: not an image in base64 ({})", image.pointer, fmt::join(image.formats, ", ")));
}

ImageHeader data_uri_header(const InputImage& image) {
    constexpr std::string_view start = "data:image/";
    constexpr std::string_view mark = ";base64,";
    const auto at = image.base64.find(mark);
    if (!image.base64.starts_with(start) || at == std::string_view::npos)
        throw malformed_request(fmt::format("{}: not a data URI of an image", image.pointer));
    return input_header({.base64 = image.base64.substr(at + mark.size()),
                         .pointer = image.pointer,
                         .formats = image.formats});
}

void check_media(std::string_view base64, std::string_view pointer) {
    std::string bytes;
    if (base64.empty() || !base64_decode(base64, bytes))
        throw malformed_request(fmt::format("{}: not base64", pointer));
}

}  // namespace rockwatch::bedrock_runtime
