#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "http/http2_floods.hpp"
#include "http/http2_head.hpp"
#include "http/http2_stream.hpp"
#include "http/task_queue.hpp"

namespace rockwatch::http {

/// What the sessions of one server share.
struct Http2Parts {
    Shared& shared;
    TaskQueue& tasks;
    Http2Mailbox& mailbox;
};

/// One client's HTTP/2 connection: frames in, requests out to the workers, their answers back into frames.
/// Only the loop's thread touches it; nothing in it waits.
class Http2Session {
public:
    /// The connection's unread bytes begin with the preface. Throws std::bad_alloc.
    Http2Session(std::unique_ptr<Connection> connection, const Http2Parts& parts);
    /// Abandons the streams that are left.
    ~Http2Session();
    Http2Session(const Http2Session&) = delete;
    Http2Session& operator=(const Http2Session&) = delete;

    int fd() const { return connection_->fd(); }

    // Each of these sends what there is to be sent; afterwards the session may be over.

    /// Says hello and takes what has been read ahead.
    void begin();
    /// The socket has something to read.
    void read();
    /// The socket takes more.
    void write();
    /// A worker has told something about a stream of this session.
    void attend(Http2Stream& stream);
    /// Time has passed: ends what takes too long.
    void look_at_deadlines(Moment now);
    /// The server stops: GOAWAY, and streams that nobody has begun are refused.
    void begin_stop();

    bool is_over() const { return is_over_; }
    /// Bytes wait for the socket to take them.
    bool wants_to_write() const { return !out_.empty(); }
    /// Nobody needs the connection any more.
    std::unique_ptr<Connection> release() { return std::move(connection_); }

private:
    friend struct Http2Callbacks;

    /// A stream as this side of it sees it.
    struct Lane {
        explicit Lane(const HeadLimits& limits) : head(limits) {}
        Http2Head head;  ///< until the request is on its way
        std::shared_ptr<Http2Stream> stream;
        bool has_request_ended = false;
        bool is_answered = false;  ///< END_STREAM has been sent
        std::size_t trailer_bytes = 0;
        std::size_t drained = 0;        ///< of a body that comes after the answer
        Moment answered{};              ///< when that was
        Moment offered{};               ///< since when the client could take what waits; zero: nothing waits
        bool waits_for_output = false;  ///< the library asks again when it is told to
    };

    // nghttp2's events; each returns what the library wants to hear.
    int begin_frame(const nghttp2_frame_hd& frame);
    int begin_head(const nghttp2_frame& frame);
    int take_field(const nghttp2_frame& frame, std::string_view name, std::string_view value);
    int take_frame(const nghttp2_frame& frame);
    int take_data(std::int32_t id, std::string_view bytes);
    int note_sent(const nghttp2_frame& frame);
    int note_unsent(const nghttp2_frame& frame);
    int close_stream(std::int32_t id);
    ssize_t read_output(std::int32_t id, char* buffer, std::size_t size, std::uint32_t& flags);

    void begin_request(Lane& lane, std::int32_t id);
    void submit_answer(std::int32_t id, const Http2Stream::AnswerHead& head);
    void look_at_lanes();
    void reset(std::int32_t id, std::uint32_t code);
    bool allow(FloodGuard::Frame frame, const char* what);

    void feed();
    void pump();
    void settle();
    void end(std::uint32_t code, std::string_view why);
    void linger();
    void abandon_all();

    std::unique_ptr<Connection> connection_;
    const Http2Parts parts_;
    nghttp2_session* session_ = nullptr;
    std::map<std::int32_t, Lane> lanes_;
    FloodGuard floods_;
    std::string out_;          ///< what the socket has not taken yet
    std::string calm_reason_;  ///< why the client is told to calm down; empty: it is calm
    Moment now_;               ///< of the present event
    Moment idle_since_;        ///< since when there has been no stream
    Moment head_since_{};      ///< since when a block of fields has been coming in; zero: none is
    std::int32_t head_stream_ = 0;
    Moment blocked_since_{};  ///< since when the socket has taken nothing; zero: it takes
    bool has_settings_ = false;
    bool is_ending_ = false;  ///< GOAWAY for good
    bool is_lingering_ = false;
    bool is_stopping_ = false;
    bool is_over_ = false;
    bool is_cutting_ = false;  ///< the connection is about to be reset
    Moment end_by_{};
};

}  // namespace rockwatch::http
