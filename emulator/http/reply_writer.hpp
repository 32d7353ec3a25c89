#pragma once

#include <functional>
#include <string_view>

#include "http/connection.hpp"
#include "protocol/message.hpp"

namespace rockwatch::http {

/// The client's end of an exchange, as far as keeping time needs it. HTTP/1 has one a connection.
class Link {
public:
    virtual ~Link() = default;
    /// Waits until `due`, unless the client leaves or the server stops; `Moment::max()` waits for one of
    /// these.
    virtual Connection::Woken wait_until(Moment due) = 0;
    /// What rings: may be called by any thread while the exchange lasts.
    virtual std::function<void()> ringer() = 0;
    /// wait_until(), and until somebody rings. A ring before the wait counts. ringer() comes first.
    virtual Connection::Woken wait_for_ring(Moment due) = 0;
    /// Sends what has been written so far. False when the client is gone.
    virtual bool flush() = 0;
    /// Nothing more is sent, and the client sees a reset.
    virtual void reset() = 0;
};

/// Keeps one reply to its times and to its ending, and sees to it that it is completed exactly once: before
/// its last byte is written, or when the client has gone, or when the ending is a fault. Knows no wire
/// format.
class ReplyWriter {
public:
    /// `received`: when the request's head was complete; all times of the reply count from there.
    ReplyWriter(HttpReply& reply, Link& link, Moment received)
        : reply_(reply), link_(link), received_(received) {}
    /// Completes the reply if that has not been done.
    ~ReplyWriter() { complete(); }
    ReplyWriter(const ReplyWriter&) = delete;
    ReplyWriter& operator=(const ReplyWriter&) = delete;

    /// Waits for the time of the head. False when nothing is to be sent at all: the client has gone, or the
    /// fault takes the answer's place.
    bool begin();

    using Write = std::function<bool(std::string_view bytes)>;
    /// Sends the pieces of a streamed reply, each at its time. True when it has come to its proper end; false
    /// when the connection must not go on.
    bool play(const Write& write);

    /// How much of a plain body goes out.
    std::string_view body() const;

    void complete();

private:
    bool wait_until(Milliseconds due);
    bool play_live(const Write& write);
    bool end_in_fault();

    HttpReply& reply_;
    Link& link_;
    const Moment received_;
    bool is_complete_ = false;
};

}  // namespace rockwatch::http
