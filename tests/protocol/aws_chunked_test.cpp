#include "protocol/aws_chunked.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "protocol/checksum.hpp"
#include "support/catch.hpp"

using namespace rockwatch;

namespace {

const std::string signature(64, 'a');

/// What the JavaScript SDK sends for a stream.
HttpRequest unsigned_upload(const std::string& length = "11",
                            const std::string& trailer = "x-amz-checksum-crc32") {
    HttpRequest request;
    request.headers.add("Content-Encoding", "aws-chunked");
    request.headers.add("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    request.headers.add("x-amz-decoded-content-length", length);
    if (!trailer.empty()) request.headers.add("x-amz-trailer", trailer);
    return request;
}

HttpRequest signed_upload(const std::string& form, const std::string& trailer = "") {
    HttpRequest request = unsigned_upload("11", trailer);
    request.headers.set("x-amz-content-sha256", form);
    return request;
}

std::string fault_of(HttpRequest request, const std::string& wire) {
    try {
        take_aws_chunks(request, wire);
    } catch (const ServiceError& error) {
        return error.code;
    }
    return "none";
}

std::string signed_chunk(const std::string& text) {
    return fmt::format("{:x};chunk-signature={}\r\n{}\r\n", text.size(), signature, text);
}

const std::string signed_end = "0;chunk-signature=" + signature + "\r\n";

}  // namespace

TEST_CASE("an unsigned upload in aws-chunked form is its chunks' bytes, and its trailers become headers",
          "[protocol][s3]") {
    HttpRequest request = unsigned_upload();
    // As recorded; protocols.md 4.4.
    const std::string wire = "6\r\nhello \r\n5\r\nworld\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
    REQUIRE(is_aws_chunked(request));
    CHECK(take_aws_chunks(request, wire) == "hello world");
    CHECK(request.headers.get("x-amz-checksum-crc32") == "DUoRhQ==");
    CHECK(request.headers.find("Content-Encoding") == nullptr);
}

TEST_CASE("what was coded before it was chunked keeps that coding's name", "[protocol][s3]") {
    const auto sent =
        GENERATE(values<std::string>({"aws-chunked,gzip", "gzip, aws-chunked", "AWS-Chunked , gzip"}));
    HttpRequest request = unsigned_upload("0", "");
    request.headers.set("Content-Encoding", sent);
    CHECK(take_aws_chunks(request, "0\r\n\r\n").empty());
    CHECK(request.headers.get("Content-Encoding") == "gzip");
}

TEST_CASE("a signed upload has a signature in every chunk", "[protocol][s3]") {
    HttpRequest request = signed_upload("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    const std::string wire = signed_chunk("hello ") + signed_chunk("world") + signed_end + "\r\n";
    CHECK(take_aws_chunks(request, wire) == "hello world");
    HttpRequest with_trailer =
        signed_upload("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "x-amz-checksum-crc32");
    const std::string trailers =
        "x-amz-checksum-crc32:DUoRhQ==\r\nx-amz-trailer-signature:" + signature + "\r\n\r\n";
    CHECK(take_aws_chunks(with_trailer, signed_chunk("hello world") + signed_end + trailers) ==
          "hello world");
    CHECK(with_trailer.headers.get("x-amz-checksum-crc32") == "DUoRhQ==");
}

TEST_CASE("the signature of the trailers becomes no header, and replaces none", "[protocol][s3]") {
    HttpRequest request = signed_upload("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "x-amz-checksum-crc32");
    request.headers.add("x-amz-trailer-signature", "of the head");
    ChunkSignatures signatures;
    take_aws_chunks(request,
                    signed_chunk("hello ") + signed_chunk("world") + signed_end +
                        "x-amz-checksum-crc32:DUoRhQ==\r\nx-amz-trailer-signature:" + signature + "\r\n\r\n",
                    &signatures);
    CHECK(signatures.trailer_signature == signature);
    CHECK(request.headers.get("x-amz-trailer-signature") == "of the head");
}

TEST_CASE("lines of the trailer may end as SDKs end them", "[protocol][s3]") {
    const auto trailer = GENERATE(
        values<std::string>({"x-amz-checksum-crc32:DUoRhQ==\n\r\n", "x-amz-checksum-crc32:DUoRhQ==\r\n",
                             "x-amz-checksum-crc32:DUoRhQ==\n\n", "X-Amz-Checksum-Crc32: DUoRhQ== \r\n\r\n",
                             "x-amz-checksum-crc32:DUoRhQ=="}));
    HttpRequest request = unsigned_upload();
    CHECK(take_aws_chunks(request, "b\r\nhello world\r\n0\r\n" + trailer) == "hello world");
}

TEST_CASE("an upload that is not framed as it says is refused", "[protocol][s3]") {
    struct Row {
        std::string wire;
        std::string code;
    };
    const auto row = GENERATE(values<Row>({
        {"", "IncompleteBody"},
        {"b", "IncompleteBody"},
        {"b\r\nhello", "IncompleteBody"},
        {"b\r\nhello world", "IncompleteBody"},
        {"b\r\nhello world\r\n", "IncompleteBody"},
        {"5\r\nhello\r\n0\r\n\r\n", "IncompleteBody"},
        {"c\r\nhello world!\r\n0\r\n\r\n", "IncompleteBody"},
        {"ffffffffffffffff\r\nhello world\r\n0\r\n\r\n", "IncompleteBody"},
        {"a\r\nhello world\r\n0\r\n\r\n", "InvalidRequest"},
        {"x\r\nhello world\r\n0\r\n\r\n", "InvalidRequest"},
        {"-b\r\nhello world\r\n0\r\n\r\n", "InvalidRequest"},
        {"+b\r\nhello world\r\n0\r\n\r\n", "InvalidRequest"},
        {"0xb\r\nhello world\r\n0\r\n\r\n", "InvalidRequest"},
        {" b\r\nhello world\r\n0\r\n\r\n", "InvalidRequest"},
        {"\r\nhello world\r\n0\r\n\r\n", "InvalidRequest"},
        {"0000000000000000b\r\nhello world\r\n0\r\n\r\n", "InvalidRequest"},
        {"b;chunk-signature=" + signature + "\r\nhello world\r\n0\r\n\r\n", "InvalidRequest"},
        {"b\r\nhello world\r\n0\r\n\r\n", "MalformedTrailerError"},
        {"b\r\nhello world\r\n0\r\nx-amz-checksum-crc32\r\n\r\n", "MalformedTrailerError"},
        {"b\r\nhello world\r\n0\r\n:DUoRhQ==\r\n\r\n", "MalformedTrailerError"},
        {"b\r\nhello world\r\n0\r\nx-amz-checksum-sha1:x\r\n\r\n", "MalformedTrailerError"},
        {"b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\nmore", "MalformedTrailerError"},
        {"b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "BadDigest"},
    }));
    CAPTURE(row.wire);
    CHECK(fault_of(unsigned_upload(), row.wire) == row.code);
}

TEST_CASE("signed forms without their signatures are refused, and unsigned lengths too", "[protocol][s3]") {
    const HttpRequest plain = signed_upload("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    CHECK(fault_of(plain, "b\r\nhello world\r\n0\r\n\r\n") == "InvalidRequest");
    CHECK(fault_of(plain, "b;chunk-signature=abc\r\nhello world\r\n0\r\n\r\n") == "InvalidRequest");
    CHECK(fault_of(plain, signed_chunk("hello world") + "0\r\n\r\n") == "InvalidRequest");
    CHECK(fault_of(plain, signed_chunk("hello world") + signed_end +
                              "x-amz-checksum-crc32:DUoRhQ==\r\n\r\n") == "MalformedTrailerError");
    const HttpRequest trailing =
        signed_upload("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "x-amz-checksum-crc32");
    CHECK(fault_of(trailing, signed_chunk("hello world") + signed_end +
                                 "x-amz-checksum-crc32:DUoRhQ==\r\n\r\n") == "MalformedTrailerError");
    CHECK(fault_of(unsigned_upload(""), "0\r\n\r\n") == "MissingContentLength");
    CHECK(fault_of(unsigned_upload("eleven"), "0\r\n\r\n") == "InvalidArgument");
    CHECK(fault_of(unsigned_upload("-1"), "0\r\n\r\n") == "InvalidArgument");
}

TEST_CASE("only what says so is aws-chunked", "[protocol][s3]") {
    HttpRequest request;
    CHECK_FALSE(is_aws_chunked(request));
    request.headers.set("Content-Encoding", "gzip");
    request.headers.set("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    CHECK_FALSE(is_aws_chunked(request));
    request.headers.set("Content-Encoding", "gzip, aws-chunked");
    CHECK(is_aws_chunked(request));
}

TEST_CASE("checksums are those of S3's headers", "[protocol][s3]") {
    // protocols.md 7.2
    CHECK(checksum("crc32", "hello") == "NhCmhg==");
    CHECK(checksum("crc32c", "hello") == "mnG7TA==");
    CHECK(checksum("crc64nvme", "hello") == "M3eFcAZSQlc=");
    CHECK(checksum("sha256", "hello") == "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
    CHECK(checksum("sha1", "hello") == "qvTGHdzF6KLavt4PO0gs2a6pQ00=");
    CHECK(checksum("crc64nvme", "123456789") == "rosUhgp5mIg=");
    CHECK(checksum("crc32c", "123456789") == "4waSgw==");
    CHECK_FALSE(checksum("md5", "hello"));
}
