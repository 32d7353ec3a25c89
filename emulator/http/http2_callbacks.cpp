#include "http/http2_callbacks.hpp"

#include <spdlog/spdlog.h>

#include <memory>
#include <new>
#include <string_view>

#include "http/http2_exchange.hpp"
#include "http/http2_session.hpp"
#include "http/refusal.hpp"

namespace rockwatch::http {

namespace {

constexpr int stop_here = NGHTTP2_ERR_CALLBACK_FAILURE;

/// The library is C: nothing may be thrown through it.
template <class Do>
auto guarded(Do&& work) noexcept -> decltype(work()) {
    try {
        return work();
    } catch (...) {
        return stop_here;
    }
}

Http2Session& session_of(void* user_data) { return *static_cast<Http2Session*>(user_data); }

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

struct Http2Callbacks {
    static int on_begin_frame(nghttp2_session*, const nghttp2_frame_hd* frame, void* user_data) {
        return guarded([&] { return session_of(user_data).begin_frame(*frame); });
    }
    static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
        return guarded([&] { return session_of(user_data).begin_head(*frame); });
    }
    static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                         std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                         std::uint8_t /*flags*/, void* user_data) {
        return guarded([&] {
            return session_of(user_data).take_field(*frame, text_of(name, name_size),
                                                    text_of(value, value_size));
        });
    }
    /// The library would leave such a field out and go on; what it hides, others may see.
    static int on_invalid_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t*, std::size_t,
                                 const std::uint8_t*, std::size_t, std::uint8_t, void*) {
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // PROTOCOL_ERROR
    }
    static int on_frame_recv(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
        return guarded([&] { return session_of(user_data).take_frame(*frame); });
    }
    static int on_data_chunk_recv(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                                  std::size_t size, void* user_data) {
        return guarded([&] { return session_of(user_data).take_data(id, text_of(bytes, size)); });
    }
    static int on_frame_send(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
        return guarded([&] { return session_of(user_data).note_sent(*frame); });
    }
    static int on_frame_not_send(nghttp2_session*, const nghttp2_frame* frame, int, void* user_data) {
        return guarded([&] { return session_of(user_data).note_unsent(*frame); });
    }
    static int on_stream_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* user_data) {
        return guarded([&] { return session_of(user_data).close_stream(id); });
    }
    static ssize_t read_output(nghttp2_session*, std::int32_t id, std::uint8_t* buffer, std::size_t size,
                               std::uint32_t* flags, nghttp2_data_source*, void* user_data) {
        return guarded([&] {
            return session_of(user_data).read_output(id, reinterpret_cast<char*>(buffer), size, *flags);
        });
    }
};

nghttp2_data_provider http2_answer_body() {
    nghttp2_data_provider body{};
    body.read_callback = Http2Callbacks::read_output;
    return body;
}

nghttp2_session* make_http2_session(Http2Session& session) {
    nghttp2_session_callbacks* made_callbacks = nullptr;
    nghttp2_option* made_option = nullptr;
    if (nghttp2_session_callbacks_new(&made_callbacks) != 0) throw std::bad_alloc();
    const std::unique_ptr<nghttp2_session_callbacks, void (*)(nghttp2_session_callbacks*)> callbacks(
        made_callbacks, nghttp2_session_callbacks_del);
    if (nghttp2_option_new(&made_option) != 0) throw std::bad_alloc();
    const std::unique_ptr<nghttp2_option, void (*)(nghttp2_option*)> option(made_option, nghttp2_option_del);

    using Calls = Http2Callbacks;
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks.get(), Calls::on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks.get(), Calls::on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks.get(), Calls::on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks.get(), Calls::on_invalid_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks.get(), Calls::on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks.get(), Calls::on_data_chunk_recv);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks.get(), Calls::on_frame_send);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks.get(), Calls::on_frame_not_send);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks.get(), Calls::on_stream_close);

    nghttp2_option_set_no_auto_window_update(option.get(), 1);
    nghttp2_option_set_no_closed_streams(option.get(), 1);
    // A net below our own guard, which counts the same and says ENHANCE_YOUR_CALM.
#ifdef ROCKWATCH_NGHTTP2_HAS_RESET_LIMIT
    nghttp2_option_set_stream_reset_rate_limit(option.get(),
                                               static_cast<std::uint64_t>(2 * FloodGuard::resets_burst),
                                               static_cast<std::uint64_t>(FloodGuard::resets_a_second));
#endif
#ifdef ROCKWATCH_NGHTTP2_HAS_CONTINUATION_LIMIT
    nghttp2_option_set_max_continuations(option.get(), 2 * FloodGuard::continuations_max);
#endif

    nghttp2_session* made = nullptr;
    if (nghttp2_session_server_new2(&made, callbacks.get(), &session, option.get()) != 0)
        throw std::bad_alloc();
    return made;
}

int Http2Session::begin_frame(const nghttp2_frame_hd& frame) {
    const bool is_continuation = frame.type == NGHTTP2_CONTINUATION;
    if (!is_continuation) head_since_ = {};
    switch (frame.type) {
        case NGHTTP2_HEADERS:
            floods_.begin_head();
            return 0;
        case NGHTTP2_CONTINUATION:
            if (floods_.take_continuation()) return 0;
            calm_reason_ = "a head in too many CONTINUATION frames";
            return stop_here;
        case NGHTTP2_SETTINGS:
        case NGHTTP2_PING:
            return allow(FloodGuard::Frame::control, "too many SETTINGS or PING frames") ? 0 : stop_here;
        case NGHTTP2_RST_STREAM:
            return allow(FloodGuard::Frame::reset, "too many resets") ? 0 : stop_here;
        case NGHTTP2_WINDOW_UPDATE:
            return 0;
        case NGHTTP2_DATA:
            if (frame.length > 0 || (frame.flags & NGHTTP2_FLAG_END_STREAM) != 0) return 0;
            break;
        default:
            break;
    }
    return allow(FloodGuard::Frame::idle, "too many frames without any effect") ? 0 : stop_here;
}

bool Http2Session::allow(FloodGuard::Frame frame, const char* what) {
    if (floods_.take(frame, now_)) return true;
    calm_reason_ = what;
    return false;
}

/// Of a head that is not taken in, as that of a refused stream, the library says no more than its frame.
int Http2Session::begin_head(const nghttp2_frame& frame) {
    head_since_ = now_;
    head_stream_ = frame.hd.stream_id;
    if (frame.headers.cat == NGHTTP2_HCAT_REQUEST)
        lanes_.try_emplace(frame.hd.stream_id, parts_.shared.options.head);
    return 0;
}

/// Trailers are counted and forgotten, as those of chunks are: no AWS client sends one that means anything.
int Http2Session::take_field(const nghttp2_frame& frame, std::string_view name, std::string_view value) {
    const auto place = lanes_.find(frame.hd.stream_id);
    if (place == lanes_.end()) return 0;
    Lane& lane = place->second;
    if (lane.stream) {
        lane.trailer_bytes += name.size() + value.size();
        if (lane.trailer_bytes <= parts_.shared.options.body.trailer_bytes_max) return 0;
        calm_reason_ = "a trailer that is too long";
        return stop_here;
    }
    if (lane.head.take(name, value)) return 0;
    calm_reason_ = "a head that decodes to many times the limit";
    return stop_here;
}

int Http2Session::take_frame(const nghttp2_frame& frame) {
    if (frame.hd.type == NGHTTP2_SETTINGS) has_settings_ = true;
    if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return 0;
    if (frame.hd.type == NGHTTP2_HEADERS) head_since_ = {};
    const auto place = lanes_.find(frame.hd.stream_id);
    if (place == lanes_.end()) return 0;
    Lane& lane = place->second;
    if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) lane.has_request_ended = true;
    if (!lane.stream && frame.hd.type == NGHTTP2_HEADERS) begin_request(lane, frame.hd.stream_id);
    if (lane.has_request_ended && lane.stream) lane.stream->end_input();
    return 0;
}

void Http2Session::begin_request(Lane& lane, std::int32_t id) {
    const std::size_t head_bytes = lane.head.bytes();
    const std::string method = lane.head.method();
    auto result = lane.head.finish(!lane.has_request_ended);
    lane.head = Http2Head(parts_.shared.options.head);
    lane.stream = std::make_shared<Http2Stream>(id, parts_.mailbox, parts_.shared);
    lane.stream->session = this;
    if (!result.is_good) {
        spdlog::debug("a request of {} is refused: {}", connection_->peer(), result.fault.message);
        answer_at_once(*lane.stream, method, refusal(result.fault.status, result.fault.message));
    } else if (!lane.stream->charge(head_bytes)) {
        answer_at_once(*lane.stream, method, refusal(503, "Too many requests are in memory; try again."));
    } else {
        parts_.tasks.add(std::make_unique<Http2Exchange>(lane.stream, std::move(result.head),
                                                         connection_->peer(), parts_.shared, parts_.mailbox));
    }
}

int Http2Session::take_data(std::int32_t id, std::string_view bytes) {
    nghttp2_session_consume_connection(session_, bytes.size());
    const auto place = lanes_.find(id);
    if (place == lanes_.end()) return 0;
    Lane& lane = place->second;
    if (!lane.is_answered) {
        if (lane.stream) lane.stream->deliver(bytes);
        return 0;
    }
    lane.drained += bytes.size();
    nghttp2_session_consume_stream(session_, id, bytes.size());
    if (lane.drained > parts_.shared.options.drain_bytes_max) reset(id, NGHTTP2_NO_ERROR);
    return 0;
}

int Http2Session::note_sent(const nghttp2_frame& frame) {
    const auto place = lanes_.find(frame.hd.stream_id);
    const bool may_end = frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA;
    if (may_end && place != lanes_.end() && (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
        place->second.is_answered = true;
        place->second.answered = now_;
    }
    if (frame.hd.type != NGHTTP2_RST_STREAM) return 0;
    switch (frame.rst_stream.error_code) {
        case NGHTTP2_NO_ERROR:
        case NGHTTP2_CANCEL:
        case NGHTTP2_INTERNAL_ERROR:
            break;
        default:  // for what the client did wrong: resets that it makes us send cost as much as its own
            allow(FloodGuard::Frame::reset, "too many broken requests");
    }
    return 0;
}

/// An answer's head that the library will not send: more than 64 KiB of fields.
int Http2Session::note_unsent(const nghttp2_frame& frame) {
    if (frame.hd.type == NGHTTP2_HEADERS) reset(frame.hd.stream_id, NGHTTP2_INTERNAL_ERROR);
    return 0;
}

int Http2Session::close_stream(std::int32_t id) {
    if (id == head_stream_) head_since_ = {};  // a malformed one ends its stream, and is told of nowhere else
    const auto place = lanes_.find(id);
    if (place == lanes_.end()) return 0;
    if (place->second.stream) {
        place->second.stream->session = nullptr;
        place->second.stream->abandon();
    }
    lanes_.erase(place);
    if (lanes_.empty()) idle_since_ = now_;
    return 0;
}

}  // namespace rockwatch::http
