#pragma once

#include <nghttp2/nghttp2.h>

namespace rockwatch::http {

class Http2Session;

/// A session of the library that calls `session` for whatever happens, with our limits. Throws
/// std::bad_alloc.
nghttp2_session* make_http2_session(Http2Session& session);

/// Reads an answer's body from its stream.
nghttp2_data_provider http2_answer_body();

}  // namespace rockwatch::http
