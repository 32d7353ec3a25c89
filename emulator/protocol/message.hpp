#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/instant.hpp"

namespace rockwatch {

/// Header fields in the order of the wire. Names compare without case.
class Headers {
public:
    using Field = std::pair<std::string, std::string>;

    Headers() = default;
    Headers(std::initializer_list<Field> fields) : fields_(fields) {}

    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    /// Replaces every field of that name.
    void set(std::string_view name, std::string value);
    void remove(std::string_view name);

    /// The first field of that name; nullptr when there is none.
    const std::string* find(std::string_view name) const;
    /// The first field of that name, or an empty text.
    std::string_view get(std::string_view name) const;

    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }
    std::size_t size() const { return fields_.size(); }

private:
    std::vector<Field> fields_;
};

/// A request body to pull from: already freed of framing and content coding, counted against the limits.
class BodyStream {
public:
    virtual ~BodyStream() = default;

    /// Fills at most `size` bytes; 0 at the end. Throws BodyError when the body is broken, too long or too
    /// slow.
    virtual std::size_t read(char* buffer, std::size_t size) = 0;

    /// Before the first read: leave the content coding alone, it belongs to what is sent. S3 keeps objects in
    /// the coding they come in.
    virtual void keep_coding() {}

    /// Before the first read: shows `tap` every byte as it was sent, freed of framing alone: what the sender
    /// signed.
    virtual void show_coded(std::function<void(std::string_view)> /*tap*/) {}
};

/// Why a body could not be read; `status` is what the client gets (400, 408, 413, 415, 503).
struct BodyError : std::runtime_error {
    BodyError(int status, const std::string& message) : std::runtime_error(message), status(status) {}
    int status;
};

/// A body that is at hand in full: tests, HTTP/2 frames gathered, no body.
class TextBody : public BodyStream {
public:
    explicit TextBody(std::string text = {}) : text_(std::move(text)) {}
    std::size_t read(char* buffer, std::size_t size) override;
    void show_coded(std::function<void(std::string_view)> tap) override { tap_ = std::move(tap); }

private:
    std::string text_;
    std::size_t at_ = 0;
    std::function<void(std::string_view)> tap_;
};

/// A request whose head has been checked. Nothing in it is decoded: the raw target is what was signed.
struct HttpRequest {
    std::string method;          ///< GET, POST, ... upper case
    std::string target;          ///< origin form, as sent: /model/a%3Ab/converse?x=1
    Headers headers;             ///< as sent; Content-Encoding and Transfer-Encoding have been dealt with
    BodyStream* body = nullptr;  ///< never null once the request is on its way
    std::string remote_address;  ///< 127.0.0.1, for the log
    Milliseconds received{0};    ///< monotonic(), when the head was complete: plans count from here

    /// The part of the target before `?`, raw.
    std::string_view path() const;
    /// The part after `?`, raw; empty when there is none.
    std::string_view query() const;
    /// The Content-Type without its parameters, in the case it came in.
    std::string_view media_type() const;
    /// Pulls the whole body.
    std::string read_body() const;
};

/// Milliseconds on the machine's monotonic clock: for deadlines, never for the emulated world.
Milliseconds monotonic();

/// How an answer ends.
enum class Ending {
    normal,    ///< as HTTP wants it
    reset,     ///< TCP reset (RST_STREAM on HTTP/2) in place of what is left
    hang,      ///< nothing more is sent until the client gives up or the server stops
    truncate,  ///< the connection is closed where the answer stands, without its proper end
};

/// A part of a streamed answer. `due` counts real milliseconds from HttpRequest::received.
struct TimedPiece {
    Milliseconds due{0};
    std::string bytes;
};

/// An answer whose bytes come about while it is sent: server-sent events. Asked by one thread at a time.
class LiveSource {
public:
    virtual ~LiveSource() = default;

    /// What has come about since the last call; empty: nothing. Does not wait.
    virtual std::string take() = 0;
    /// Nothing more will come about once what there is has been taken.
    virtual bool has_ended() const = 0;
    /// `ring` is called, from any thread, when take() or has_ended() may say something new. Never again once
    /// this has been called with an empty one.
    virtual void on_news(std::function<void()> ring) = 0;
    /// What is sent when nothing has come about for a while, so that the way stays open.
    virtual std::string sign_of_life() const = 0;
};

/// What `http` is to send, when, and how it ends. A plain answer has a body and nothing else.
struct HttpReply {
    int status = 200;
    Headers headers;  ///< without Content-Length, Transfer-Encoding, Date, Connection: those are http's
    std::string body;

    /// Not before this many real milliseconds after HttpRequest::received. Applies to the head of a plain
    /// answer and of a stream.
    Milliseconds due{0};
    /// Streamed: sent chunked, piece by piece, each flushed at its time. `body` is empty then.
    bool streamed = false;
    std::vector<TimedPiece> pieces;
    /// Goes on after the pieces, until it has ended, the client leaves or the server stops. Shared, since
    /// the answer is a value and whoever has the news knows the source, too.
    std::shared_ptr<LiveSource> live;
    Ending ending = Ending::normal;
    /// For Ending::truncate of a plain answer: how many bytes of the body go out first.
    std::size_t truncate_after = 0;

    /// Called exactly once, before the last byte is written, or when the client has gone or the ending is a
    /// fault. May be empty. Must not throw.
    std::function<void()> on_complete;
};

/// Answers a request: the AWS road and the control API both have this form.
class Handler {
public:
    virtual ~Handler() = default;
    virtual HttpReply answer(HttpRequest& request) = 0;

    /// What is said to a request that the front turns away by itself, in the form that its caller reads.
    /// Nullopt: the front's own form will do. Does not read the body.
    virtual std::optional<HttpReply> turn_away(const HttpRequest& /*request*/, int /*status*/,
                                               std::string_view /*message*/) {
        return std::nullopt;
    }
};

}  // namespace rockwatch
