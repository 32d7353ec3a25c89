// A body on the wire: whatever its framing and coding, the buffers that it is pulled through change nothing,
// no limit is passed, and what is written in chunks is read again.

#include "http/body.hpp"

#include <algorithm>
#include <memory>

#include "fuzz.hpp"
#include "support/stepped_source.hpp"

namespace rockwatch::fuzz {

namespace {

using namespace http;

struct Outcome {
    int status = 200;
    std::string text;
    std::size_t taken = 0;
    bool operator==(const Outcome&) const = default;
};

struct Way {
    std::size_t step, buffer;
};

const BodyLimits& limits() {
    static const BodyLimits small{.body_bytes_max = 1U << 16U, .inflation_free_bytes = 1U << 12U};
    return small;
}

Outcome pull(const Head& head, Coding coding, std::string_view wire, Way way) {
    test::SteppedSource source(wire, way.step);
    Budget budget(1U << 20U);
    Outcome outcome;
    {
        RequestBody body(head, coding, source, limits(), budget, {});
        std::string buffer(way.buffer, '\0');
        try {
            while (const std::size_t count = body.read(buffer.data(), buffer.size())) {
                promise(count <= buffer.size(), "a read fills its buffer at most");
                outcome.text.append(buffer, 0, count);
                promise(outcome.text.size() <= limits().body_bytes_max, "a body passes no limit");
            }
            outcome.taken = source.taken();
        } catch (const BodyError& error) {
            outcome.status = error.status;
            outcome.text.clear();  // how much came before the fault is the buffers' matter
        }
    }
    promise(budget.used() == 0, "a body gives back what it took of the budget");
    return outcome;
}

/// Its ratio is judged as it comes in: through small buffers more often, also where it is worst.
bool is_bomb_for_one(const Outcome& one, const Outcome& other) {
    const auto passes = [](const Outcome& outcome) {
        return outcome.status == 200 && outcome.text.size() > limits().inflation_free_bytes;
    };
    return (passes(one) && other.status == 413) || (passes(other) && one.status == 413);
}

/// The first byte tells framing and coding, and for a length the second one how long; the rest is the wire.
void body(std::string_view bytes) {
    if (bytes.size() < 2) return;
    const auto kind = static_cast<unsigned char>(bytes[0]);
    const auto length = static_cast<unsigned char>(bytes[1]);
    const std::string_view wire = bytes.substr(2);
    Head head;
    head.framing = (kind & 1U) != 0 ? Framing::chunked : Framing::length;
    head.content_length =
        head.framing == Framing::chunked ? 0 : std::min<std::size_t>(wire.size(), length * 16U);
    const Coding coding = (kind & 2U) != 0 ? Coding::compressed : Coding::plain;

    const Outcome whole = pull(head, coding, wire, {1U << 20U, 1U << 14U});
    for (const Way way : {Way{1, 1U << 14U}, Way{3, 5}, Way{1U << 20U, 1}}) {
        Outcome other = pull(head, coding, wire, way);
        // A bomb that is broken as well is refused for whichever is seen first.
        const bool is_either = coding == Coding::compressed && whole.status != 200 && other.status != 200;
        if (is_either) other.status = whole.status;
        if (coding == Coding::compressed && is_bomb_for_one(whole, other)) continue;
        promise(other == whole, "a body is the same through whatever buffers");
    }
    if (whole.status != 200) {
        promise(whole.status == 400 || whole.status == 408 || whole.status == 413, "a fault is the client's");
        return;
    }
    std::string chunks;
    for (std::size_t at = 0; at < whole.text.size(); at += length + 1U) {
        const std::string part = whole.text.substr(at, length + 1U);
        chunks += "00" + std::string(1, "0123456789abcdef"[part.size() >> 8U]);
        chunks += "0123456789abcdef"[part.size() >> 4U & 15U];
        chunks += "0123456789ABCDEF"[part.size() & 15U];
        chunks += ";note=1\r\n" + part + "\r\n";
    }
    chunks += "0\r\nTrailer: x\r\n\r\nnext";
    head.framing = Framing::chunked;
    head.content_length = 0;
    const Outcome again = pull(head, Coding::plain, chunks, {11, 13});
    if (again.status == 413) return;  // framed it may be too long
    promise(again.text == whole.text, "a body written in chunks is read again");
    promise(again.taken == chunks.size() - 4, "and the next request stands behind it");
}

}  // namespace

}  // namespace rockwatch::fuzz

ROCKWATCH_FUZZ_TARGET(body)
