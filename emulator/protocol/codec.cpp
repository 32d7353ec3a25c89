#include "protocol/codec.hpp"

#include "protocol/codecs.hpp"

namespace rockwatch {

const Codec& codec_for(Protocol protocol) {
    switch (protocol) {
        case Protocol::rest_json:
            return rest_json_codec();
        case Protocol::rest_xml:
            return rest_xml_codec();
        case Protocol::query:
            return query_codec();
        case Protocol::cbor:
            return cbor_codec();
        case Protocol::openai:
            return openai_codec();
        case Protocol::json:
            break;
    }
    return json_codec();
}

std::string query_error_text(const ErrorFacts& facts) {
    return facts.query_code + (facts.sender_fault ? ";Sender" : ";Receiver");
}

const Json& object_or_empty(const Json& output) {
    static const Json empty = Json::object();
    return output.is_object() ? output : empty;
}

}  // namespace rockwatch
