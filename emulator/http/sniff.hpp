#pragma once

#include <string_view>

namespace rockwatch::http {

enum class Protocol {
    undecided,  ///< more bytes are needed
    http1,      ///< or nonsense: the head reader says which
    http2,      ///< the preface of cleartext HTTP/2 with prior knowledge
};

/// What a client opens every HTTP/2 connection with.
inline constexpr std::string_view http2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Tells from a connection's first bytes which protocol it speaks.
constexpr Protocol sniff(std::string_view first_bytes) {
    if (first_bytes.starts_with(http2_preface)) return Protocol::http2;
    return http2_preface.starts_with(first_bytes) ? Protocol::undecided : Protocol::http1;
}

}  // namespace rockwatch::http
