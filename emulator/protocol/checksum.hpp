#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rockwatch {

/// The checksum of a body as S3's headers and trailers carry it: base64 of the digest, a CRC in network
/// order. `algorithm` is the last part of the header's name: crc32, crc32c, crc64nvme, sha1, sha256. Nullopt:
/// another algorithm.
std::optional<std::string> checksum(std::string_view algorithm, std::string_view bytes);

}  // namespace rockwatch
