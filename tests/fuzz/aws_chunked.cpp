// S3's own chunks: what was framed so comes out as it was, whatever else comes is refused by an error of
// S3's, and no trailer changes what the request's head has said.

#include "protocol/aws_chunked.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/text.hpp"
#include "fuzz.hpp"
#include "protocol/checksum.hpp"

namespace rockwatch::fuzz {

namespace {

bool is_control(char letter) { return static_cast<unsigned char>(letter) < 0x20; }

/// The lines before the first empty one are headers, as HTTP lets them through; the rest is the wire.
HttpRequest request_of(std::string_view bytes, std::string_view& wire) {
    HttpRequest request;
    request.method = "PUT";
    request.target = "/b/k";
    wire = bytes;
    for (FirstLine line(wire); !line.line.empty(); line = FirstLine(wire)) {
        const auto colon = std::min(line.line.find(':'), line.line.size());
        const std::string_view value = line.line.substr(std::min(colon + 1, line.line.size()));
        if (std::none_of(line.line.begin(), line.line.end(), is_control))
            request.headers.add(std::string(line.line.substr(0, colon)), std::string(trim(value)));
        wire = line.rest;
    }
    wire = FirstLine(wire).rest;
    return request;
}

void check_framed(const std::string& body) {
    std::string wire;
    constexpr std::size_t step = 7;
    for (std::size_t at = 0; at < body.size(); at += step) {
        const std::string part = body.substr(at, step);
        wire += fmt::format("{:x}\r\n{}\r\n", part.size(), part);
    }
    wire += "0\r\nx-amz-checksum-crc32:" + checksum("crc32", body).value() + "\r\n\r\n";
    HttpRequest request;
    request.headers = {{"Content-Encoding", "aws-chunked,gzip"},
                       {"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                       {"x-amz-trailer", "x-amz-checksum-crc32"},
                       {"x-amz-decoded-content-length", std::to_string(body.size())}};
    promise(take_aws_chunks(request, wire) == body, "what was framed comes out as it was");
    promise(request.headers.get("Content-Encoding") == "gzip", "without the frame's coding");
}

void aws_chunked(std::string_view bytes) {
    std::string_view wire;
    HttpRequest request = request_of(bytes, wire);
    const HttpRequest before = request;
    check_framed(std::string(wire));
    try {
        const std::string body = take_aws_chunks(request, wire);
        promise(body.size() < wire.size(), "a frame is more than its content");
        promise(std::to_string(body.size()) == request.headers.get("x-amz-decoded-content-length") ||
                    request.headers.get("x-amz-decoded-content-length").starts_with('0'),
                "a body has the length that was announced");
    } catch (const ServiceError& error) {
        promise(error.status == 0 || (error.status >= 400 && error.status < 500),
                "what a client sent is its fault");
        return;
    }
    for (const auto& [name, value] : before.headers) {
        const std::string lower = lower_case(name);
        if (lower == "content-encoding" || lower.starts_with("x-amz-checksum-")) continue;
        promise(
            request.headers.find(name) != nullptr && request.headers.get(name) == before.headers.get(name),
            "no trailer changes the request's head");
    }
    for (const auto& [name, value] : request.headers) {
        promise(value.find_first_of("\r\n") == std::string::npos, "no trailer breaks a header's line");
    }
}

}  // namespace

}  // namespace rockwatch::fuzz

ROCKWATCH_FUZZ_TARGET(aws_chunked)
