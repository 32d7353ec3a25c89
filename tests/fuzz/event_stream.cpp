// Frames of an event stream: a reader that knows AWS's description alone gets back what was put in.

#include "protocol/event_stream.hpp"

#include <zlib.h>

#include <map>

#include "fuzz.hpp"

namespace rockwatch::fuzz {

namespace {

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size) {
    promise(at + size <= bytes.size(), "a frame holds its numbers");
    std::uint32_t value = 0;
    for (std::size_t index = 0; index < size; ++index)
        value = value << 8U | static_cast<unsigned char>(bytes[at + index]);
    return value;
}

std::uint32_t crc(std::string_view bytes) {
    return static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

struct Frame {
    std::map<std::string, std::string> headers;
    std::string payload;
};

Frame read_frame(std::string_view bytes) {
    const std::size_t size = number(bytes, 0, 4);
    const std::size_t header_bytes = number(bytes, 4, 4);
    promise(size == bytes.size() && header_bytes + 16 <= size, "a frame knows its lengths");
    promise(header_bytes <= 131'072, "headers keep AWS's limit");
    promise(number(bytes, 8, 4) == crc(bytes.substr(0, 8)), "the lengths have their checksum");
    promise(number(bytes, size - 4, 4) == crc(bytes.substr(0, size - 4)), "the frame has its checksum");
    Frame frame;
    std::size_t at = 12;
    while (at < 12 + header_bytes) {
        const std::size_t name_size = number(bytes, at, 1);
        const std::string name(bytes.substr(at + 1, name_size));
        at += 1 + name_size;
        promise(number(bytes, at, 1) == 7, "every header is a text");
        const std::size_t value_size = number(bytes, at + 1, 2);
        promise(value_size <= 32'767, "a header's value keeps AWS's limit");
        promise(frame.headers.emplace(name, bytes.substr(at + 3, value_size)).second,
                "no header stands twice");
        at += 3 + value_size;
    }
    promise(at == 12 + header_bytes, "the headers end where they should");
    frame.payload = bytes.substr(at, size - 4 - at);
    return frame;
}

/// The first line is the event's type, the rest its payload.
void event_stream(std::string_view bytes) {
    const FirstLine input(bytes);
    const std::string_view type = input.line.substr(0, 32'767);
    for (const bool is_exception : {false, true}) {
        const Frame frame = read_frame(is_exception ? exception_frame(input.line, input.rest)
                                                    : event_frame(input.line, input.rest));
        promise(frame.headers.size() == 3, "an event has three headers");
        promise(frame.headers.at(":message-type") == (is_exception ? "exception" : "event"),
                "it says what it is");
        promise(frame.headers.at(is_exception ? ":exception-type" : ":event-type") == type,
                "and of what type");
        promise(frame.payload == input.rest, "and holds its payload");
    }
    const Frame frame = read_frame(error_frame(input.line, input.rest));
    promise(frame.headers.at(":error-code") == type, "an error has its code");
    promise(frame.headers.at(":error-message") == input.rest.substr(0, 32'767), "and its message");
    promise(frame.payload.empty(), "and nothing else");
}

}  // namespace

}  // namespace rockwatch::fuzz

ROCKWATCH_FUZZ_TARGET(event_stream)
