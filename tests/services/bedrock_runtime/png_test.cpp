#include "services/bedrock_runtime/png.hpp"

#include <set>

#include "core/error.hpp"
#include "decoded_png.hpp"
#include "services/bedrock_runtime/image_header.hpp"
#include "support/catch.hpp"

namespace rockwatch::bedrock_runtime {

TEST_CASE("a drawing is a PNG of its size in four colours, mirrored", "[runtime][png]") {
    const PixelSize size = GENERATE(PixelSize{1, 1}, PixelSize{3, 5}, PixelSize{7, 1}, PixelSize{320, 320},
                                    PixelSize{1173, 640}, PixelSize{640, 1408}, PixelSize{1001, 999});
    CAPTURE(size.width, size.height);
    const DecodedPng png = decode_png(drawn_png({.size = size, .seed = 7}));
    CHECK(png.width == size.width);
    CHECK(png.height == size.height);
    CHECK(png.palette.size() == 4);
    CHECK_FALSE(png.has_transparency);
    REQUIRE(png.rows.size() == static_cast<std::size_t>(size.height));
    if (size.width % 8 != 0) return;
    for (const auto& row : png.rows) CHECK(std::equal(row.begin(), row.end(), row.rbegin()));
}

TEST_CASE("a drawing depends on its seed and on nothing else", "[runtime][png]") {
    const PixelSize size{64, 64};
    std::set<std::string> drawings;
    std::set<std::vector<std::array<std::uint8_t, 3>>> palettes;
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        const std::string png = drawn_png({.size = size, .seed = seed});
        CHECK(png == drawn_png({.size = size, .seed = seed}));
        drawings.insert(png);
        palettes.insert(decode_png(png).palette);
    }
    CHECK(drawings.size() == 1000);
    CHECK(palettes.size() == 1000);
    // The pattern scales with the size.
    const DecodedPng small = decode_png(drawn_png({.size = {8, 8}, .seed = 5}));
    const DecodedPng large = decode_png(drawn_png({.size = {80, 80}, .seed = 5}));
    CHECK(small.palette == large.palette);
    for (std::size_t y = 0; y < 8; ++y) {
        for (std::size_t x = 0; x < 8; ++x) CHECK(small.rows[y][x] == large.rows[y * 10 + 5][x * 10 + 5]);
    }
    std::set<std::uint8_t> used;
    for (const auto& row : small.rows) used.insert(row.begin(), row.end());
    CHECK(used.size() > 1);
}

TEST_CASE("the largest drawing takes a few kilobytes", "[runtime][png]") {
    const std::string png = drawn_png({.size = {4096, 4096}, .seed = 1});
    CHECK(png.size() < 16 * 1024);
    CHECK(decode_png(png).rows.size() == 4096);
}

TEST_CASE("a drawing may let its background through", "[runtime][png]") {
    CHECK(decode_png(drawn_png({.size = {16, 16}, .seed = 1, .see_through = true})).has_transparency);
}

TEST_CASE("the reader of these tests takes chunks in their order alone", "[runtime][png]") {
    const std::string png = drawn_png({.size = {16, 16}, .seed = 1, .see_through = true});
    std::vector<std::string> chunks;
    for (std::size_t at = 8; at < png.size(); at += chunks.back().size()) {
        const auto size = static_cast<unsigned char>(png[at + 3]);  // all of them are short
        chunks.push_back(png.substr(at, size + 12U));
    }
    REQUIRE(chunks.size() == 5);
    const auto joined = [&](std::initializer_list<std::size_t> order) {
        std::string bytes = png.substr(0, 8);
        for (const std::size_t index : order) bytes += chunks[index];
        return bytes;
    };
    CHECK(joined({0, 1, 2, 3, 4}) == png);
    CHECK_FALSE(decode_png(joined({0, 1, 3, 4})).has_transparency);
    CHECK_THROWS_AS(decode_png(joined({0, 2, 1, 3, 4})), BrokenPromise);
    CHECK_THROWS_AS(decode_png(joined({0, 2, 3, 1, 4})), BrokenPromise);
    CHECK_THROWS_AS(decode_png(joined({1, 0, 2, 3, 4})), BrokenPromise);
    CHECK_THROWS_AS(decode_png(joined({0, 1, 1, 2, 3, 4})), BrokenPromise);
    CHECK_THROWS_AS(decode_png(joined({0, 1, 2, 3})), BrokenPromise);
}

TEST_CASE("the head of an image file tells its format, size and depth", "[runtime][png]") {
    struct Row {
        std::string bytes;
        std::string format;
        std::int64_t width;
        std::int64_t height;
        int depth;
    };
    const auto bytes = [](std::initializer_list<int> values) {
        std::string text;
        for (const int value : values) text += static_cast<char>(value);
        return text;
    };
    const std::string jfif = bytes({0xff, 0xd8, 0xff, 0xe0, 0, 4, 'J', 'F'});
    const std::string tables =
        bytes({0xff, 0xc4, 0, 3, 0, 0xff});  // Huffman tables are no frame; a fill byte
    const std::string frame = bytes({0xff, 0xc2, 0, 17, 8, 0x04, 0x38, 0x07, 0x80, 3});
    const std::string riff = "RIFF" + std::string(4, '\0') + "WEBP";
    const auto row = GENERATE_COPY(values<Row>(
        {{drawn_png({.size = {640, 480}}), "png", 640, 480, 2},
         {jfif + tables + frame, "jpeg", 1920, 1080, 24},
         {riff + "VP8 " + std::string(10, '\0') + bytes({0x80, 0x02, 0xe0, 0x41}), "webp", 640, 480, 24},
         {riff + "VP8L" + std::string(4, '\0') + bytes({0x2f, 0x7f, 0xc2, 0x77, 0x00}) + std::string(5, '\0'),
          "webp", 640, 480, 24},
         {riff + "VP8X" + std::string(8, '\0') + bytes({0x7f, 0x02, 0x00, 0xdf, 0x01, 0x00}), "webp", 640,
          480, 24},
         {"GIF89a" + bytes({0x80, 0x02, 0xe0, 0x01}), "gif", 640, 480, 8}}));
    CAPTURE(row.format);
    const auto header = read_image_header(row.bytes);
    REQUIRE(header);
    CHECK(header->format == row.format);
    CHECK(header->size.width == row.width);
    CHECK(header->size.height == row.height);
    CHECK(header->bit_depth == row.depth);
    for (std::size_t size = 0; size < std::min<std::size_t>(row.bytes.size(), 26); ++size) {
        const auto cut = read_image_header(row.bytes.substr(0, size));
        if (cut) CHECK(cut->size.width == row.width);
    }
}

TEST_CASE("what is no image has no head", "[runtime][png]") {
    using namespace std::string_literals;
    const std::string bytes = GENERATE(
        ""s, "hello"s, "\x89PNG"s, "\xff\xd8\xff\xd9"s, "RIFF\0\0\0\0WEBPXXXX"s + std::string(20, '\0'),
        "GIF89a\0\0\0\0"s, "\xff\xd8\xff\xc0\0\x11\x08\0\0\0\0\x03"s, "\xff\xd8\xff\xe0\0\0\0\0\0\0\0\0"s);
    CHECK_FALSE(read_image_header(bytes));
}

}  // namespace rockwatch::bedrock_runtime
