#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/message.hpp"

namespace rockwatch {

/// Whether an upload comes in S3's own chunks, inside of whatever HTTP does: Content-Encoding: aws-chunked,
/// or x-amz-content-sha256: STREAMING-….
bool is_aws_chunked(const HttpRequest& request);

/// What the chunks of a signed upload say of themselves, for the authenticator.
struct ChunkSignatures {
    struct Chunk {
        std::size_t from;  ///< in the body that was meant
        std::size_t size;
        std::string signature;  ///< empty: none
    };
    std::vector<Chunk> chunks;  ///< the last one is empty
    std::string trailer_lines;  ///< "name:value\n" of each but the signature
    std::string trailer_signature;
};

/// Takes an aws-chunked body apart: gives what was meant, puts the trailers among the request's headers, and
/// takes aws-chunked off its Content-Encoding, as S3 stores it. Checked: the frame, that signed forms have a
/// signature in every chunk and unsigned ones none, the decoded length, that the trailers are those that were
/// announced, and the checksums among them. Signatures themselves are the authenticator's:
/// `signatures` gets them. Throws ServiceError.
///
/// Source: protocols.md 4.4, 7.2.
std::string take_aws_chunks(HttpRequest& request, std::string_view wire,
                            ChunkSignatures* signatures = nullptr);

}  // namespace rockwatch
