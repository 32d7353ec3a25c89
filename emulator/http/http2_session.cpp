#include "http/http2_session.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <new>
#include <vector>

#include "core/log.hpp"
#include "http/http2_callbacks.hpp"
#include "http/http2_exchange.hpp"
#include "http/refusal.hpp"

namespace rockwatch::http {

namespace {

constexpr std::uint32_t streams_max = 256;
constexpr std::uint32_t stream_window = 64 * 1024;
/// Given back as bytes come in, whoever reads them: one stream's slow reader must not stop the others.
constexpr std::int32_t connection_window = 1024 * 1024;
/// More is not taken from the library while the socket has not taken this.
constexpr std::size_t out_bytes_max = 64 * 1024;

std::uint32_t code_of(ssize_t failure) {
    switch (failure) {
        case NGHTTP2_ERR_FLOODED:
#ifdef ROCKWATCH_NGHTTP2_HAS_CONTINUATION_LIMIT
        case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS:
#endif
            return NGHTTP2_ENHANCE_YOUR_CALM;
        case NGHTTP2_ERR_BAD_CLIENT_MAGIC:
            return NGHTTP2_PROTOCOL_ERROR;
        default:
            return NGHTTP2_INTERNAL_ERROR;
    }
}

nghttp2_nv field(std::string_view name, std::string_view value) {
    return {.name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
            .value = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())),
            .namelen = name.size(),
            .valuelen = value.size(),
            .flags = NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

Http2Session::Http2Session(std::unique_ptr<Connection> connection, const Http2Parts& parts)
    : connection_(std::move(connection)),
      parts_(parts),
      session_(make_http2_session(*this)),
      now_(std::chrono::steady_clock::now()),
      idle_since_(now_) {
    const std::array<nghttp2_settings_entry, 4> settings{{
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, streams_max},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, stream_window},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
         static_cast<std::uint32_t>(parts_.shared.options.head.head_bytes_max)},
        // Nobody keeps a tree of streams for us that a client could make us rearrange.
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    }};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, connection_window);
}

Http2Session::~Http2Session() {
    abandon_all();
    nghttp2_session_del(session_);
}

void Http2Session::abandon_all() {
    for (auto& [id, lane] : lanes_) {
        if (!lane.stream) continue;
        lane.stream->session = nullptr;
        lane.stream->abandon();
    }
    lanes_.clear();
}

void Http2Session::begin() {
    feed();
    pump();
    settle();
}

void Http2Session::read() {
    now_ = std::chrono::steady_clock::now();
    if (is_lingering_) {
        is_over_ = connection_->discard() == Connection::Received::end;
        return;
    }
    if (connection_->receive() == Connection::Received::end) {
        is_over_ = true;
        return;
    }
    feed();
    pump();
    settle();
}

void Http2Session::feed() {
    while (!connection_->unread().empty() && !is_ending_) {
        const auto unread = connection_->unread();
        const ssize_t taken = nghttp2_session_mem_recv(
            session_, reinterpret_cast<const std::uint8_t*>(unread.data()), unread.size());
        if (!calm_reason_.empty()) end(NGHTTP2_ENHANCE_YOUR_CALM, calm_reason_);
        if (taken < 0) end(code_of(taken), nghttp2_strerror(static_cast<int>(taken)));
        connection_->consume(taken < 0 ? unread.size() : static_cast<std::size_t>(taken));
    }
    if (is_ending_) connection_->consume(connection_->unread().size());
}

void Http2Session::write() {
    now_ = std::chrono::steady_clock::now();
    pump();
    settle();
}

/// Sends until the socket takes no more or there is nothing left.
void Http2Session::pump() {
    while (!is_over_ && !is_lingering_) {
        while (out_.size() < out_bytes_max) {
            const std::uint8_t* bytes = nullptr;
            const ssize_t count = nghttp2_session_mem_send(session_, &bytes);
            if (count < 0) is_over_ = true;
            if (count <= 0) break;
            out_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
        }
        if (out_.empty()) return;
        std::string_view left = out_;
        std::string_view nothing;
        const auto sent = connection_->send(left, nothing);
        if (sent == Connection::Sent::gone) is_over_ = true;
        if (left.size() < out_.size()) blocked_since_ = {};
        out_.erase(0, out_.size() - left.size());
        if (sent != Connection::Sent::part) continue;
        if (blocked_since_ == Moment{}) blocked_since_ = now_;
        return;
    }
}

/// Sees whether the conversation has come to its end.
void Http2Session::settle() {
    if (is_over_ || is_lingering_) return;
    if (!calm_reason_.empty() && !is_ending_) {  // for what came of sending
        end(NGHTTP2_ENHANCE_YOUR_CALM, calm_reason_);
        pump();
    }
    const bool wants_nothing = nghttp2_session_want_write(session_) == 0 && out_.empty();
    const bool expects_nothing = nghttp2_session_want_read(session_) == 0 || (is_stopping_ && lanes_.empty());
    if (wants_nothing && expects_nothing) linger();
}

/// A close while the client still sends would reset the connection, and our last words might never be read.
void Http2Session::linger() {
    abandon_all();
    connection_->end_output();
    is_lingering_ = true;
    end_by_ = now_ + parts_.shared.options.linger;
    is_over_ = connection_->discard() == Connection::Received::end || is_stopping_;
}

void Http2Session::end(std::uint32_t code, std::string_view why) {
    if (is_ending_) return;
    is_ending_ = true;
    end_by_ = now_ + parts_.shared.options.linger;
    spdlog::debug("the HTTP/2 connection of {} ends: {}", connection_->peer(), why);
    abandon_all();
    nghttp2_session_terminate_session(session_, code);
}

void Http2Session::begin_stop() {
    now_ = std::chrono::steady_clock::now();
    is_stopping_ = true;
    if (is_lingering_ || is_ending_) {
        is_over_ = true;
        return;
    }
    for (auto& [id, lane] : lanes_) {
        if (!lane.stream || lane.stream->begin_stop()) reset(id, NGHTTP2_REFUSED_STREAM);
    }
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_),
                          NGHTTP2_NO_ERROR, nullptr, 0);
    pump();
    settle();
}

void Http2Session::look_at_deadlines(Moment now) {
    now_ = now;
    const FrontOptions& options = parts_.shared.options;
    if (is_lingering_ || is_ending_) {
        is_over_ = is_over_ || now >= end_by_;
        return;
    }
    if (blocked_since_ != Moment{} && now - blocked_since_ >= options.write_stall) {
        is_over_ = true;
        return;
    }
    if (!has_settings_ && now - idle_since_ >= options.head_deadline) {
        end(NGHTTP2_SETTINGS_TIMEOUT, "no SETTINGS came in time");
    } else if (head_since_ != Moment{} && now - head_since_ >= options.head_deadline) {
        end(NGHTTP2_ENHANCE_YOUR_CALM, "a request's head did not arrive in time");
    } else if (lanes_.empty() && now - idle_since_ >= options.keep_alive) {
        end(NGHTTP2_NO_ERROR, "it has been idle");
    }
    look_at_lanes();
    pump();
    settle();
}

void Http2Session::look_at_lanes() {
    const FrontOptions& options = parts_.shared.options;
    for (auto& [id, lane] : lanes_) {
        if (lane.is_answered) {
            // Who has its answer may end its request; what it still sends is of no use (RFC 9113 8.1).
            if (now_ - lane.answered >= options.linger) reset(id, NGHTTP2_NO_ERROR);
        } else if (lane.offered != Moment{} && now_ - lane.offered >= options.write_stall) {
            spdlog::debug("{} does not read the answer in stream {}: dropped", connection_->peer(), id);
            reset(id, NGHTTP2_CANCEL);
        }
    }
}

void Http2Session::reset(std::int32_t id, std::uint32_t code) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, code);
}

void Http2Session::attend(Http2Stream& stream) {
    now_ = std::chrono::steady_clock::now();
    const auto news = stream.take_news();
    const std::int32_t id = stream.id();
    const auto place = lanes_.find(id);
    if (place == lanes_.end()) return;
    Lane& lane = place->second;
    if (news.consumed > 0) nghttp2_session_consume_stream(session_, id, news.consumed);
    if (news.wants_continue) {
        const nghttp2_nv status = field(":status", "100");
        nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, id, nullptr, &status, 1, nullptr);
    }
    if (news.head) submit_answer(id, *news.head);
    // What a rule calls a reset is TCP's, which clients try again; not where others share the connection.
    is_cutting_ = news.is_reset && lanes_.size() == 1;
    if (news.is_broken && !is_cutting_) reset(id, NGHTTP2_INTERNAL_ERROR);
    if (news.head || lane.waits_for_output) lane.offered = now_;
    if (std::exchange(lane.waits_for_output, false)) nghttp2_session_resume_data(session_, id);
    pump();
    settle();
    if (!is_cutting_) return;
    connection_->reset_on_close();
    is_over_ = true;
}

void Http2Session::submit_answer(std::int32_t id, const Http2Stream::AnswerHead& head) {
    const std::string status = std::to_string(head.status);
    std::vector<nghttp2_nv> fields{field(":status", status)};
    for (const auto& [name, value] : head.headers) fields.push_back(field(name, value));
    const nghttp2_data_provider body = http2_answer_body();
    nghttp2_submit_response(session_, id, fields.data(), fields.size(), head.has_body ? &body : nullptr);
}

ssize_t Http2Session::read_output(std::int32_t id, char* buffer, std::size_t size, std::uint32_t& flags) {
    const auto place = lanes_.find(id);
    if (place == lanes_.end()) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    Lane& lane = place->second;
    std::size_t taken = 0;
    const auto output = lane.stream->take_output(buffer, size, taken);
    if (taken > 0) lane.offered = now_;
    switch (output) {
        case Http2Stream::Output::last:
            flags |= NGHTTP2_DATA_FLAG_EOF;
            return static_cast<ssize_t>(taken);
        case Http2Stream::Output::some:
            return static_cast<ssize_t>(taken);
        case Http2Stream::Output::none_yet:
            lane.waits_for_output = true;
            lane.offered = {};
            return NGHTTP2_ERR_DEFERRED;
        default:
            if (is_cutting_) return NGHTTP2_ERR_DEFERRED;
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // the library resets the stream: INTERNAL_ERROR
    }
}

}  // namespace rockwatch::http
