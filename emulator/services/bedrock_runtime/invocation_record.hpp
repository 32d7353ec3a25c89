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
/// Chosen: bytes of images and documents in a Converse request are left out of the record, since Bedrock
/// never logs them inline; so is the whole answer of an image model, whose images are too large for it on
/// AWS: the size of the first stands for them. requestMetadata and performanceConfig stand before schemaType.
std::string invocation_record(const Call& call, const LoggingConfig& logging, Instant completed);

/// Whether the bodies of the model's calls are logged. Chosen: media never stand in the record, so what does
/// is text, and the text switch decides, for models that also take images too; the embedding switch decides
/// for embedding models, and image models need both the image and the text switch. Nobody who switched text
/// off finds a prompt in the log.
bool logs_bodies(const LoggingConfig& logging, const std::optional<CatalogueModel>& model);

}  // namespace rockwatch::bedrock_runtime
