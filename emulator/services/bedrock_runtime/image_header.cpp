#include "services/bedrock_runtime/image_header.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

using namespace std::string_view_literals;

constexpr int byte_bits = 8;

std::int64_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

std::int64_t big_endian(std::string_view bytes, std::size_t at, std::size_t count) {
    std::int64_t value = 0;
    for (std::size_t index = 0; index < count; ++index)
        value = value << byte_bits | byte_at(bytes, at + index);
    return value;
}

std::int64_t little_endian(std::string_view bytes, std::size_t at, std::size_t count) {
    std::int64_t value = 0;
    for (std::size_t index = count; index > 0; --index)
        value = value << byte_bits | byte_at(bytes, at + index - 1);
    return value;
}

/// PNG specification, 11.2.2: the samples of a pixel by its colour type.
int png_channels(std::int64_t colour_type) {
    switch (colour_type) {
        case 2:
            return 3;
        case 4:
            return 2;
        case 6:
            return 4;
        default:
            return 1;
    }
}

std::optional<ImageHeader> png_header(std::string_view bytes) {
    constexpr std::size_t head_bytes = 26;
    if (bytes.size() < head_bytes || bytes.substr(12, 4) != "IHDR") return std::nullopt;
    return ImageHeader{.format = "png",
                       .size = {.width = big_endian(bytes, 16, 4), .height = big_endian(bytes, 20, 4)},
                       .bit_depth = static_cast<int>(byte_at(bytes, 24)) * png_channels(byte_at(bytes, 25))};
}

/// Start of frame of any kind; C4, C8 and CC are other segments (ITU T.81, table B.1).
bool is_start_of_frame(std::int64_t marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

std::optional<ImageHeader> jpeg_header(std::string_view bytes) {
    constexpr std::size_t frame_bytes = 10;
    for (std::size_t at = 2; at + frame_bytes <= bytes.size() && byte_at(bytes, at) == 0xff;) {
        const std::int64_t marker = byte_at(bytes, at + 1);
        if (is_start_of_frame(marker)) {
            return ImageHeader{
                .format = "jpeg",
                .size = {.width = big_endian(bytes, at + 7, 2), .height = big_endian(bytes, at + 5, 2)},
                .bit_depth = static_cast<int>(byte_at(bytes, at + 4) * byte_at(bytes, at + 9))};
        }
        const bool fill = marker == 0xff;
        at += fill ? 1 : 2 + static_cast<std::size_t>(big_endian(bytes, at + 2, 2));
    }
    return std::nullopt;
}

/// The three kinds of WebP: lossy, lossless and extended (RFC 9649, 2.5 to 2.7).
std::optional<ImageHeader> webp_header(std::string_view bytes) {
    constexpr std::size_t head_bytes = 30;
    if (bytes.size() < head_bytes || bytes.substr(8, 4) != "WEBP") return std::nullopt;
    ImageHeader header{.format = "webp"};
    const std::string_view kind = bytes.substr(12, 4);
    constexpr std::int64_t fourteen_bits = 0x3fff;
    if (kind == "VP8 ") {
        header.size = {.width = little_endian(bytes, 26, 2) & fourteen_bits,
                       .height = little_endian(bytes, 28, 2) & fourteen_bits};
    } else if (kind == "VP8L") {
        const std::int64_t sizes = little_endian(bytes, 21, 4);
        header.size = {.width = (sizes & fourteen_bits) + 1, .height = (sizes >> 14 & fourteen_bits) + 1};
    } else if (kind == "VP8X") {
        header.size = {.width = little_endian(bytes, 24, 3) + 1, .height = little_endian(bytes, 27, 3) + 1};
    }
    return header;
}

std::optional<ImageHeader> gif_header(std::string_view bytes) {
    constexpr std::size_t head_bytes = 10;
    if (bytes.size() < head_bytes) return std::nullopt;
    return ImageHeader{.format = "gif",
                       .size = {.width = little_endian(bytes, 6, 2), .height = little_endian(bytes, 8, 2)},
                       .bit_depth = byte_bits};
}

std::optional<ImageHeader> header_of(std::string_view bytes) {
    if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return png_header(bytes);
    if (bytes.starts_with("\xff\xd8"sv)) return jpeg_header(bytes);
    if (bytes.starts_with("RIFF")) return webp_header(bytes);
    if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return gif_header(bytes);
    return std::nullopt;
}

}  // namespace

std::optional<ImageHeader> read_image_header(std::string_view bytes) {
    const auto header = header_of(bytes);
    if (!header || header->size.width <= 0 || header->size.height <= 0) return std::nullopt;
    return header;
}

}  // namespace rockwatch::bedrock_runtime
