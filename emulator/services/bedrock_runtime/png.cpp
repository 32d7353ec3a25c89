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

/// A piece of a zlib stream that refers to nothing before it, so that it may stand there several times.
struct Segment {
    std::string deflated;
    std::size_t size = 0;  ///< of what is inflated
    uLong checksum = 0;

    explicit Segment(std::string_view bytes) : size(bytes.size()) {
        const auto* begin = reinterpret_cast<const Bytef*>(bytes.data());
        checksum = adler32(adler32(0, nullptr, 0), begin, static_cast<uInt>(size));
        z_stream stream{};
        constexpr int raw_window_bits = -15;
        constexpr int memory_level = 8;
        constexpr std::size_t flush_bytes = 16;
        ensure(deflateInit2(&stream, 1, Z_DEFLATED, raw_window_bits, memory_level, Z_RLE) == Z_OK,
               "zlib can be set up");
        deflated.resize(deflateBound(&stream, static_cast<uLong>(size)) + flush_bytes);
        stream.next_in = const_cast<Bytef*>(begin);
        stream.avail_in = static_cast<uInt>(size);
        stream.next_out = reinterpret_cast<Bytef*>(deflated.data());
        stream.avail_out = static_cast<uInt>(deflated.size());
        const int result = deflate(&stream, Z_FULL_FLUSH);
        const bool complete = result == Z_OK && stream.avail_in == 0 && stream.avail_out > 0;
        deflated.resize(stream.total_out);
        deflateEnd(&stream);
        ensure(complete, "a buffer of deflateBound's size holds all");
    }
};

/// A zlib stream made of segments.
class SegmentedStream {
public:
    void add(const Segment& segment, std::int64_t times = 1) {
        for (std::int64_t time = 0; time < times; ++time) {
            stream_ += segment.deflated;
            checksum_ = adler32_combine(checksum_, segment.checksum, static_cast<z_off_t>(segment.size));
        }
    }

    std::string finish() && {
        stream_ += "\x03\x00"sv;  // an empty last block
        append_big_endian(stream_, checksum_);
        return std::move(stream_);
    }

private:
    std::string stream_ = "\x78\x01";
    uLong checksum_ = adler32(0, nullptr, 0);
};

/// A row of pixels whose tiles have the colours that the pattern's bits say, behind its filter.
std::string row_of(std::int64_t width, std::uint64_t pattern) {
    std::string row(1 + static_cast<std::size_t>((width + pixels_per_byte - 1) / pixels_per_byte), '\0');
    row.front() = filter_none;
    for (std::int64_t x = 0; x < width; ++x) {
        const std::int64_t column = x * tiles / width;
        const std::int64_t mirrored = std::min(column, tiles - 1 - column);
        const std::uint64_t colour = pattern >> static_cast<unsigned>(2 * mirrored) & 3U;
        const std::int64_t place = 6 - 2 * (x % pixels_per_byte);
        char& byte = row[1 + static_cast<std::size_t>(x / pixels_per_byte)];
        byte = static_cast<char>(static_cast<unsigned char>(byte) | colour << place);
    }
    return row;
}

/// The pixels as PNG filters and packs them: of each row of tiles one row of pixels, and many that are as the
/// one above.
std::string pixels_of(const PixelSize& size, Dice& dice) {
    constexpr std::int64_t repeated_rows = 32;
    std::string as_above = row_of(size.width, 0);
    as_above.front() = filter_up;
    std::string rows;
    for (std::int64_t row = 0; row < repeated_rows; ++row) rows += as_above;
    const Segment many(rows);
    SegmentedStream stream;
    for (std::int64_t tile = 0; tile < tiles; ++tile) {
        const std::int64_t count = (tile + 1) * size.height / tiles - tile * size.height / tiles;
        const std::uint64_t pattern = dice.next();
        if (count == 0) continue;
        stream.add(Segment(row_of(size.width, pattern)));
        stream.add(many, (count - 1) / repeated_rows);
        const auto rest = static_cast<std::size_t>((count - 1) % repeated_rows);
        if (rest > 0) stream.add(Segment(std::string_view(rows).substr(0, rest * as_above.size())));
    }
    return std::move(stream).finish();
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
    append_chunk(png, "IDAT", pixels_of(drawing.size, dice));
    append_chunk(png, "IEND", {});
    return png;
}

}  // namespace rockwatch::bedrock_runtime
