#pragma once

#include "protocol/codec.hpp"
#include "protocol/values.hpp"

namespace rockwatch {

const Codec& rest_json_codec();
const Codec& rest_xml_codec();
const Codec& query_codec();
const Codec& json_codec();
const Codec& cbor_codec();
const Codec& openai_codec();

/// x-amzn-query-error: ResourceNotFound;Sender
std::string query_error_text(const ErrorFacts& facts);

/// An operation without output may answer null.
const Json& object_or_empty(const Json& output);

}  // namespace rockwatch
