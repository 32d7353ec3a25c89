#pragma once

#include <memory>
#include <string>

#include "http/body_rate.hpp"
#include "http/head.hpp"
#include "http/http2_stream.hpp"
#include "http/reply_writer.hpp"
#include "http/shared.hpp"
#include "http/task_queue.hpp"

namespace rockwatch::http {

/// Answers without waiting: `reply` is plain, short, due now, and ends as it should.
void answer_at_once(Http2Stream& stream, const std::string& method, const HttpReply& reply);

/// A worker's part in one request that came over HTTP/2: reads the body, asks, keeps the answer's times,
/// writes it. What a rule does to the answer's end becomes:
///
/// - reset: TCP's, where no other stream is open on the connection. Otherwise RST_STREAM with INTERNAL_ERROR
///   in place of what is left, since no rule speaks of the other calls.
/// - truncate: what was to go out is sent, then RST_STREAM in place of END_STREAM. The connection goes on.
/// - hang: nothing more is sent until the client resets the stream or leaves, or the server stops.
class Http2Exchange : public Task, private Link {
public:
    Http2Exchange(std::shared_ptr<Http2Stream> stream, Head head, std::string peer, Shared& shared,
                  Http2Mailbox& mailbox);

    void run() override;
    bool is_urgent() const override;
    void turn_away() override;

private:
    class Source;

    Connection::Woken wait_until(Moment due) override { return stream_->wait_until(due); }
    std::function<void()> ringer() override {
        return [stream = stream_] { stream->ring(); };
    }
    Connection::Woken wait_for_ring(Moment due) override { return stream_->wait_for_ring(due); }
    bool flush() override;
    void reset() override { stream_->finish(Http2Stream::Finish::reset); }

    void answer();
    void write(HttpReply& reply, ReplyWriter& writer);

    const std::shared_ptr<Http2Stream> stream_;
    Head head_;
    Shared& shared_;
    Http2Mailbox& mailbox_;
    const Moment received_ = std::chrono::steady_clock::now();
    HttpRequest request_;
};

}  // namespace rockwatch::http
