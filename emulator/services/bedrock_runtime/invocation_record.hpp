#pragma once

#include <string>

#include "core/instant.hpp"
#include "services/bedrock_runtime/call.hpp"
#include "services/ports.hpp"

namespace rockwatch::bedrock_runtime {

/// Largest body that stands in a record itself (facts: bedrock.md 5.6).
inline constexpr std::size_t inline_body_bytes_max = 100 * 1024;

/// The model invocation log's record of a call: one line of compact JSON, keys in Bedrock's order (facts:
/// bedrock.md 5.5). A body that is too large, or of a modality that is not logged, is left out; counts stay.
///
/// A native body stands there as it came, base64 inside. Chosen: bytes of images and documents in a Converse
/// request are left out of the record, since Bedrock never logs them inline; so is the whole answer of an
/// image model, whose images are too large for it on AWS: the size of the first stands for them.
/// requestMetadata and performanceConfig stand before schemaType.
std::string invocation_record(const Call& call, const LoggingConfig& logging, Instant completed);

/// Whether the call's bodies are logged (facts: bedrock.md 5.6). Models that make images need the image and
/// the text switch; embedding models the embedding switch, and those that take images the image and the text
/// switch as well. Chosen: for chat models the text switch decides, also for those that take images, and a
/// native body that holds an image, a film or a sound needs that switch too. Nobody who switched text off
/// finds a prompt in the log, and nobody who switched images off finds an image.
bool logs_bodies(const LoggingConfig& logging, const Call& call);

}  // namespace rockwatch::bedrock_runtime
