#include "decoded_png.hpp"

#include <zlib.h>

#include "core/error.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t index = 0; index < 4; ++index)
        value = value << 8U | static_cast<unsigned char>(bytes.at(at + index));
    return value;
}

std::string inflated(const std::string& bytes, std::size_t size) {
    std::string out(size, '\0');
    uLongf length = size;
    ensure(uncompress(reinterpret_cast<Bytef*>(out.data()), &length,
                      reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()) == Z_OK,
           "the pixels can be inflated");
    ensure(length == size, "there are as many rows as the header says");
    return out;
}

void read_header(const std::string& content, DecodedPng& png) {
    ensure(content.size() == 13, "IHDR has 13 bytes");
    png.width = big_endian(content, 0);
    png.height = big_endian(content, 4);
    ensure(content.substr(8) == std::string("\x02\x03\x00\x00\x00", 5),
           "two bits a pixel, a palette, no interlace");
}

void read_palette(const std::string& content, DecodedPng& png) {
    ensure(content.size() % 3 == 0, "a palette has three bytes a colour");
    for (std::size_t at = 0; at < content.size(); at += 3) {
        png.palette.push_back({static_cast<std::uint8_t>(content[at]),
                               static_cast<std::uint8_t>(content[at + 1]),
                               static_cast<std::uint8_t>(content[at + 2])});
    }
}

void read_rows(const std::string& pixels, DecodedPng& png) {
    const auto row_bytes = static_cast<std::size_t>((png.width + 3) / 4);
    const std::string raw = inflated(pixels, (row_bytes + 1) * static_cast<std::size_t>(png.height));
    ensure(raw.empty() || raw.front() == 0, "the first row has none above it to lean on");
    std::string above(row_bytes, '\0');
    for (std::size_t at = 0; at < raw.size(); at += row_bytes + 1) {
        const int filter = raw[at];
        ensure(filter == 0 || filter == 2, "the filters are None and Up");
        std::string row = raw.substr(at + 1, row_bytes);
        for (std::size_t index = 0; filter == 2 && index < row_bytes; ++index)
            row[index] = static_cast<char>(row[index] + above[index]);
        auto& indexes = png.rows.emplace_back();
        for (std::int64_t x = 0; x < png.width; ++x) {
            const auto byte = static_cast<unsigned char>(row[static_cast<std::size_t>(x / 4)]);
            indexes.push_back(byte >> (6 - 2 * (x % 4)) & 3);
        }
        above = row;
    }
}

}  // namespace

DecodedPng decode_png(const std::string& bytes) {
    ensure(bytes.starts_with("\x89PNG\r\n\x1a\n"), "a PNG begins with its signature");
    DecodedPng png;
    std::string pixels;
    std::string order;
    for (std::size_t at = 8; at < bytes.size();) {
        const std::size_t size = big_endian(bytes, at);
        const std::string named = bytes.substr(at + 4, size + 4);
        ensure(crc32(0, reinterpret_cast<const Bytef*>(named.data()), static_cast<uInt>(named.size())) ==
                   big_endian(bytes, at + 8 + size),
               "each chunk has its checksum");
        const std::string type = named.substr(0, 4);
        const std::string content = named.substr(4);
        order += " " + type;
        if (type == "IHDR") read_header(content, png);
        if (type == "PLTE") read_palette(content, png);
        if (type == "tRNS") png.has_transparency = content == std::string(1, '\0');
        if (type == "IDAT") pixels += content;
        at += size + 12;
    }
    ensure(order == " IHDR PLTE IDAT IEND" || order == " IHDR PLTE tRNS IDAT IEND",
           "each chunk stands once, in its place");
    read_rows(pixels, png);
    return png;
}

}  // namespace rockwatch::bedrock_runtime
