#include "services/bedrock_runtime/png.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

using namespace std::string_view_literals;

constexpr std::int64_t tiles = 8;  // in each direction
constexpr std::int64_t pixels_per_byte = 4;
constexpr char bits_per_pixel = 2;
constexpr char indexed_colour = 3;
constexpr char filter_none = 0;
constexpr char filter_up = 2;
constexpr std::size_t colours = 4;
constexpr std::size_t channels = 3;

void append_big_endian(std::string& out, std::uint64_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

void append_chunk(std::string& out, std::string_view type, std::string_view content) {
    append_big_endian(out, content.size());
    const std::size_t begin = out.size();
    out += type;
    out += content;
    append_big_endian(out, crc32(0, reinterpret_cast<const Bytef*>(out.data() + begin),
                                 static_cast<uInt>(out.size() - begin)));
}

/// Numbers that depend on the seed alone (splitmix64).
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t value = state_;
        value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
        return value ^ (value >> 31U);
    }

private:
    std::uint64_t state_;
};

/// The pixels as PNG filters them: each row begins with the filter that it was written with.
std::string raster(const PixelSize& size, Dice& dice) {
    const auto row_bytes = static_cast<std::size_t>((size.width + pixels_per_byte - 1) / pixels_per_byte);
    std::string rows;
    rows.reserve((row_bytes + 1) * static_cast<std::size_t>(size.height));
    const std::string as_above = filter_up + std::string(row_bytes, '\0');
    std::int64_t band = -1;
    for (std::int64_t y = 0; y < size.height; ++y) {
        if (y * tiles / size.height == band) {
            rows += as_above;
            continue;
        }
        band = y * tiles / size.height;
        const std::uint64_t pattern = dice.next();
        rows += filter_none;
        const std::size_t begin = rows.size();
        rows.append(row_bytes, '\0');
        for (std::int64_t x = 0; x < size.width; ++x) {
            const std::int64_t column = x * tiles / size.width;
            const std::int64_t mirrored = std::min(column, tiles - 1 - column);
            const std::uint64_t colour = pattern >> static_cast<unsigned>(2 * mirrored) & 3U;
            const std::int64_t place = 6 - 2 * (x % pixels_per_byte);
            rows[begin + static_cast<std::size_t>(x / pixels_per_byte)] |= static_cast<char>(colour << place);
        }
    }
    return rows;
}

std::string deflated(std::string_view bytes) {
    z_stream stream{};
    constexpr int window_bits = 15;
    constexpr int memory_level = 8;
    ensure(deflateInit2(&stream, 1, Z_DEFLATED, window_bits, memory_level, Z_RLE) == Z_OK,
           "zlib can be set up");
    std::string out(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    ensure(result == Z_STREAM_END, "a buffer of deflateBound's size holds all");
    return out;
}

}  // namespace

std::string drawn_png(const Drawing& drawing) {
    Dice dice(drawing.seed);
    std::string palette;
    for (std::size_t index = 0; index < colours * channels; ++index)
        palette += static_cast<char>(dice.next() & 0xffU);
    std::string header;
    append_big_endian(header, static_cast<std::uint64_t>(drawing.size.width));
    append_big_endian(header, static_cast<std::uint64_t>(drawing.size.height));
    header += {bits_per_pixel, indexed_colour, 0, 0, 0};
    std::string png = "\x89PNG\r\n\x1a\n";
    append_chunk(png, "IHDR", header);
    append_chunk(png, "PLTE", palette);
    if (drawing.see_through) append_chunk(png, "tRNS", "\0"sv);
    append_chunk(png, "IDAT", deflated(raster(drawing.size, dice)));
    append_chunk(png, "IEND", {});
    return png;
}

}  // namespace rockwatch::bedrock_runtime
