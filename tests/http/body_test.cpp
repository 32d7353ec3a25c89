#include "http/body.hpp"

#include <zlib.h>

#include "http/inflate.hpp"
#include "support/catch.hpp"
#include "support/stepped_source.hpp"

using rockwatch::BodyError;
using rockwatch::test::SteppedSource;
using namespace rockwatch::http;

namespace {

struct Outcome {
    int status = 200;
    std::string text;
    std::string rest;
    bool is_drained = false;
};

constexpr std::size_t all_at_once = 1U << 30U;

struct Sent {
    Framing framing = Framing::chunked;
    std::uint64_t length = 0;
    Coding coding = Coding::plain;
    std::size_t step = all_at_once;
    std::size_t buffer = 16384;
    BodyLimits limits{};
};

Outcome read(const std::string& bytes, Sent sent = {}) {
    SteppedSource source(bytes, sent.step);
    Budget budget(1U << 30U);
    Head head;
    head.framing = sent.framing;
    head.content_length = sent.length;
    Outcome outcome;
    {
        RequestBody body(head, sent.coding, source, sent.limits, budget, {});
        std::string buffer(sent.buffer, '\0');
        try {
            while (const std::size_t count = body.read(buffer.data(), buffer.size()))
                outcome.text.append(buffer, 0, count);
        } catch (const BodyError& error) {
            outcome.status = error.status;
        }
        outcome.is_drained = body.drain(1024);
    }
    outcome.rest = source.rest();
    CHECK(budget.used() == 0);
    return outcome;
}

std::string compress(const std::string& text, int window_bits) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY) ==
            Z_OK);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

constexpr int gzip_bits = 16 + MAX_WBITS;
constexpr int zlib_bits = MAX_WBITS;
constexpr int raw_bits = -MAX_WBITS;

std::string gzip(const std::string& text) { return compress(text, gzip_bits); }

Outcome inflate_body(const std::string& bytes, Sent sent = {}) {
    sent.framing = Framing::length;
    sent.length = bytes.size();
    sent.coding = Coding::compressed;
    return read(bytes, sent);
}

}  // namespace

TEST_CASE("a chunked body is its chunks' bytes, and nothing beyond its end is touched", "[http][body]") {
    struct Row {
        std::string bytes;
        std::string text;
    };
    const auto row = GENERATE(values<Row>({
        {"0\r\n\r\n", ""},
        {"5\r\nhello\r\n0\r\n\r\n", "hello"},
        {"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"},
        {"00000005\r\nhello\r\n000\r\n\r\n", "hello"},
        {"a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"},
        {"5;name=value\r\nhello\r\n0;x\r\n\r\n", "hello"},
        {"5;name=\"a b\"\r\nhello\r\n0\r\n\r\n", "hello"},
        {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n"},
        {"5\r\nhello\r\n0\r\nX-Trailer: 1\r\nY: 2\r\n\r\n", "hello"},
        {"0000000000000001\r\nx\r\n0\r\n\r\n", "x"},
    }));
    const std::size_t step = GENERATE(as<std::size_t>{}, all_at_once, std::size_t{1}, std::size_t{3});
    const std::size_t buffer = GENERATE(as<std::size_t>{}, 1, 16384);
    CAPTURE(row.bytes, step, buffer);
    const Outcome outcome = read(row.bytes + "GET /next", {.step = step, .buffer = buffer});
    CHECK(outcome.status == 200);
    CHECK(outcome.text == row.text);
    CHECK(outcome.rest == "GET /next");
    CHECK(outcome.is_drained);
}

TEST_CASE("a chunked body that is not framed strictly is refused", "[http][body]") {
    const std::string bytes = GENERATE(
        as<std::string>{}, "", "5", "5\r\n", "5\r\nhel", "5\r\nhello", "5\r\nhello\r\n",
        "5\r\nhello\r\n0\r\n", "+5\r\nhello\r\n0\r\n\r\n", "-2\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n",
        "5 ;x\r\nhello\r\n0\r\n\r\n", "\r\nhello\r\n0\r\n\r\n", "g\r\nhello\r\n0\r\n\r\n",
        ";x\r\nhello\r\n0\r\n\r\n", "5\nhello\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello\r\n0\n\n",
        "5\r\nhelloX\r\n0\r\n\r\n", "6\r\nhello\r\n0\r\n\r\n", "5\rX\nhello\r\n0\r\n\r\n",
        "00000000000000005\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\nno colon\r\n\r\n",
        "5;\x01\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\nX: \x7f\r\n\r\n");
    const std::size_t step = GENERATE(as<std::size_t>{}, all_at_once, std::size_t{1});
    CAPTURE(bytes, step);
    const Outcome outcome = read(bytes, {.step = step});
    CHECK(outcome.status == 400);
    CHECK_FALSE(outcome.is_drained);
}

TEST_CASE("chunk extensions and trailers have limits", "[http][body]") {
    const std::string body = "5;" + std::string(255, 'x') + "\r\nhello\r\n0\r\n\r\n";
    CHECK(read(body).text == "hello");
    CHECK(read("5;" + std::string(256, 'x') + "\r\nhello\r\n0\r\n\r\n").status == 400);
    CHECK(read("5;" + std::string(70'000, 'x') + "\r\nhello\r\n0\r\n\r\n").status == 400);
    CHECK(read("0\r\nX: " + std::string(8'000, 'x') + "\r\n\r\n").status == 200);
    CHECK(read("0\r\nX: " + std::string(8'190, 'x') + "\r\n\r\n").status == 400);
    CHECK(read("0\r\nX: " + std::string(5'000, 'x') + "\r\nY: " + std::string(5'000, 'y') + "\r\n\r\n")
              .status == 400);
}

TEST_CASE("a body of a known length ends there, and one that ends before is refused", "[http][body]") {
    const std::size_t step = GENERATE(as<std::size_t>{}, all_at_once, std::size_t{1});
    const Outcome whole = read("hello world", {.framing = Framing::length, .length = 5, .step = step});
    CHECK(whole.text == "hello");
    CHECK(whole.status == 200);
    CHECK(whole.rest == " world");
    CHECK(read("hell", {.framing = Framing::length, .length = 5, .step = step}).status == 400);
    CHECK(read("x", {.framing = Framing::length, .length = 0, .step = step}).text.empty());
    CHECK(read("x", {.framing = Framing::none, .step = step}).rest == "x");
}

TEST_CASE("a body over the limit gets 413 whichever way it comes", "[http][body]") {
    BodyLimits limits;
    limits.body_bytes_max = 10;
    CHECK(read("0123456789", {.framing = Framing::length, .length = 10, .limits = limits}).status == 200);
    CHECK(read("", {.framing = Framing::length, .length = 11, .limits = limits}).status == 413);
    CHECK(read("", {.framing = Framing::length, .length = ~0ULL, .limits = limits}).status == 413);
    CHECK(read("a\r\n0123456789\r\n0\r\n\r\n", {.limits = limits}).status == 200);
    CHECK(read("b\r\n0123456789x\r\n0\r\n\r\n", {.limits = limits}).status == 413);
    CHECK(read("9\r\n012345678\r\n2\r\nxx\r\n0\r\n\r\n", {.limits = limits}).status == 413);
    CHECK(read("ffffffffffffffff\r\n", {.limits = limits}).status == 413);
    CHECK(read("1\r\nx\r\nffffffffffffffff\r\n", {.limits = limits}).status == 413);
    CHECK(inflate_body(compress(std::string(11, 'x'), raw_bits), {.limits = limits}).status == 413);
}

TEST_CASE("a compressed body may end where the buffer does, with its end still inside of zlib",
          "[http][body]") {
    const std::string bytes("\x0b\x4a\x4e\x5c\x6c\x08\x21\x00", 8);
    for (std::size_t buffer = 1; buffer <= 12; ++buffer) {
        CAPTURE(buffer);
        const Outcome outcome = inflate_body(bytes, {.buffer = buffer});
        CHECK(outcome.status == 200);
        CHECK(outcome.text ==
              "Rca\xa3"
              "1Rca\xa3"
              "1R");
    }
}

TEST_CASE("gzip and both kinds of deflate are inflated", "[http][body]") {
    std::string text;
    for (int line = 0; line < 20'000; ++line) text += std::to_string(line * 7919) + " ";
    const int bits = GENERATE(as<int>{}, gzip_bits, zlib_bits, raw_bits);
    const std::size_t step = GENERATE(as<std::size_t>{}, all_at_once, std::size_t{1}, std::size_t{1000});
    const std::size_t buffer = GENERATE(as<std::size_t>{}, 100, 16384);
    const Outcome outcome = inflate_body(compress(text, bits), {.step = step, .buffer = buffer});
    CHECK(outcome.status == 200);
    CHECK(outcome.text == text);
    CHECK(outcome.is_drained);
}

TEST_CASE("gzip members follow one another, and an empty body inflates to nothing", "[http][body]") {
    CHECK(inflate_body(gzip("hello ") + gzip("world")).text == "hello world");
    CHECK(inflate_body(gzip("hello ") + gzip("") + gzip("world"), {.step = 1}).text == "hello world");
    CHECK(inflate_body("").status == 200);
    CHECK(inflate_body(gzip("")).text.empty());
}

TEST_CASE("what is not compressed as it says gets 400", "[http][body]") {
    const std::string whole = gzip("hello hello hello");
    const std::string bytes =
        GENERATE_COPY(as<std::string>{}, "hello", whole.substr(0, whole.size() - 1), whole.substr(0, 5),
                      whole + "trailing", compress("hello", zlib_bits) + "x", std::string(1, '\x1f'),
                      whole.substr(0, whole.size() - 8) + "abcdefgh");
    CHECK(inflate_body(bytes).status == 400);
}

TEST_CASE("a bomb gets 413 long before it has gone off", "[http][body]") {
    const std::string bomb = gzip(std::string(40U << 20U, '\0'));
    const Outcome outcome = inflate_body(bomb);
    CHECK(outcome.status == 413);
    CHECK(outcome.text.size() < (2U << 20U) + (200U << 14U));
    // Below a megabyte the ratio is nobody's business.
    CHECK(inflate_body(gzip(std::string(1'000'000, '\0'))).status == 200);
}

TEST_CASE("a Content-Encoding is one that we inflate, none, or S3's", "[http][body]") {
    struct Row {
        std::string value;
        Coding coding;
    };
    const auto row = GENERATE(values<Row>({{"", Coding::plain},
                                           {"identity", Coding::plain},
                                           {"gzip", Coding::compressed},
                                           {" GZIP ", Coding::compressed},
                                           {"x-gzip", Coding::compressed},
                                           {"deflate", Coding::compressed},
                                           {"identity, gzip", Coding::compressed},
                                           {"gzip, gzip", Coding::unknown},
                                           {"gzip,br", Coding::unknown},
                                           {"br", Coding::unknown},
                                           {"zstd", Coding::unknown},
                                           {"compress", Coding::unknown},
                                           {"aws-chunked", Coding::plain},
                                           {"aws-chunked,gzip", Coding::plain},
                                           {"AWS-chunked", Coding::plain}}));
    CAPTURE(row.value);
    CHECK(coding_of(row.value) == row.coding);
    CHECK(read("", {.framing = Framing::none, .coding = row.coding}).status ==
          (row.coding == Coding::unknown ? 415 : 200));
}

TEST_CASE("bodies over the common budget get 503, and give back what they took", "[http][body]") {
    Budget budget(10);
    const BodyLimits limits;
    Head head;
    head.framing = Framing::length;
    head.content_length = 8;
    char buffer[16];
    SteppedSource first_source("12345678", all_at_once);
    SteppedSource second_source("12345678", all_at_once);
    {
        RequestBody first(head, Coding::plain, first_source, limits, budget, {});
        RequestBody second(head, Coding::plain, second_source, limits, budget, {});
        CHECK(first.read(buffer, sizeof buffer) == 8);
        try {
            second.read(buffer, sizeof buffer);
            FAIL("nothing was thrown");
        } catch (const BodyError& error) {
            CHECK(error.status == 503);
        }
    }
    CHECK(budget.used() == 0);
}

TEST_CASE("100 Continue is asked for once, when the body is first read, and not for a body that is refused",
          "[http][body]") {
    Budget budget(1000);
    BodyLimits limits;
    limits.body_bytes_max = 10;
    int asked = 0;
    Head head;
    head.framing = Framing::length;
    head.content_length = 2;
    char buffer[1];
    SteppedSource source("ab", all_at_once);
    RequestBody body(head, Coding::plain, source, limits, budget, [&] { ++asked; });
    CHECK(asked == 0);
    CHECK_FALSE(body.drain(100));  // the client has not been told to send it
    CHECK(body.read(buffer, 1) == 1);
    CHECK(body.read(buffer, 1) == 1);
    CHECK(body.read(buffer, 1) == 0);
    CHECK(asked == 1);
    CHECK(body.drain(100));

    head.content_length = 11;
    RequestBody too_long(head, Coding::plain, source, limits, budget, [&] { ++asked; });
    CHECK_THROWS_AS(too_long.read(buffer, 1), BodyError);
    CHECK(asked == 1);
}

TEST_CASE("a body that nobody read is drained up to a limit", "[http][body]") {
    const std::string bytes = std::string(3000, 'x') + "GET /next";
    Budget budget(1);
    const BodyLimits limits;
    Head head;
    head.framing = Framing::length;
    head.content_length = 3000;
    SteppedSource source(bytes, 1000);
    RequestBody body(head, Coding::unknown, source, limits, budget, {});
    CHECK(body.drain(3000));
    CHECK(source.rest() == "GET /next");
    SteppedSource long_source(bytes, 1000);
    RequestBody long_body(head, Coding::plain, long_source, limits, budget, {});
    CHECK_FALSE(long_body.drain(2999));
}
