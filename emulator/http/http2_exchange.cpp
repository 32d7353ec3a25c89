#include "http/http2_exchange.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/log.hpp"
#include "core/text.hpp"
#include "http/answering.hpp"
#include "http/refusal.hpp"

namespace rockwatch::http {

namespace {

using Finish = Http2Stream::Finish;

/// While it lives, a worker is at a stream: a stop waits for it.
class AtWork {
public:
    explicit AtWork(Http2Mailbox& mailbox) : mailbox_(mailbox) { mailbox_.begin_work(); }
    ~AtWork() { mailbox_.end_work(); }
    AtWork(const AtWork&) = delete;
    AtWork& operator=(const AtWork&) = delete;

private:
    Http2Mailbox& mailbox_;
};

const std::string& date() {
    thread_local DateHeader header;
    return header.now();
}

bool may_have_body(const HttpReply& reply, const std::string& method) {
    return method != "HEAD" && !has_no_body(reply.status);
}

Http2Stream::AnswerHead head_of(const HttpReply& reply, const std::string& method) {
    Http2Stream::AnswerHead head{.status = reply.status, .has_body = may_have_body(reply, method)};
    bool is_told_length = false;
    for (const auto& [name, value] : reply.headers) {
        // S3 tells the length of an object that it does not send.
        const bool is_length = method == "HEAD" && reply.body.empty() && !reply.streamed &&
                               equal_ignoring_case(name, "Content-Length");
        if ((is_framing_header(name) && !is_length) || !may_be_sent(name, value)) continue;
        is_told_length = is_told_length || is_length;
        head.headers.add(lower_case(name), value);
    }
    if (!reply.streamed && !has_no_body(reply.status) && !is_told_length)
        head.headers.add("content-length", std::to_string(reply.body.size()));
    head.headers.add("date", date());
    return head;
}

}  // namespace

void answer_at_once(Http2Stream& stream, const std::string& method, const HttpReply& reply) {
    stream.write_head(head_of(reply, method));
    // No more than fits without waiting.
    if (may_have_body(reply, method))
        stream.write(std::string_view(reply.body).substr(0, Http2Stream::output_bytes_max));
    stream.finish(Finish::proper);
}

/// The body as the loop's thread puts it together.
class Http2Exchange::Source : public ByteSource {
public:
    Source(Http2Stream& stream, const FrontOptions& options)
        : stream_(stream),
          rate_({.grace = options.body_grace,
                 .window = options.body_window,
                 .bytes_a_second_min = options.body_rate_min}) {}

    std::string_view peek() const override { return std::string_view(part_).substr(at_); }
    void consume(std::size_t count) override { at_ += count; }

    bool fill() override {
        for (;;) {
            const Moment began = std::chrono::steady_clock::now();
            const auto input = stream_.wait_for_input(part_, began + rate_.patience());
            if (input == Http2Stream::Input::bytes) {
                at_ = 0;
                rate_.received(part_.size());
                stream_.tell();  // the client may send as much again
                return true;
            }
            if (input == Http2Stream::Input::end) return false;
            if (input == Http2Stream::Input::gone) throw BodyError(400, "The client has reset its request.");
            if (input == Http2Stream::Input::refused)
                throw BodyError(503, "Too many request bodies are in memory; try again.");
            rate_.waited(std::chrono::steady_clock::now() - began);
        }
    }

private:
    Http2Stream& stream_;
    BodyRate rate_;
    std::string part_;
    std::size_t at_ = 0;
};

Http2Exchange::Http2Exchange(std::shared_ptr<Http2Stream> stream, Head head, std::string peer, Shared& shared,
                             Http2Mailbox& mailbox)
    : stream_(std::move(stream)),
      head_(std::move(head)),
      shared_(shared),
      mailbox_(mailbox),
      request_{.method = std::move(head_.method),
               .target = std::move(head_.target),
               .headers = std::move(head_.headers),
               .remote_address = std::move(peer),
               .received = std::chrono::floor<Milliseconds>(received_.time_since_epoch())} {}

bool Http2Exchange::is_urgent() const {
    const auto& urgent = shared_.options.urgent_paths;
    return request_.method == "GET" && head_.framing == Framing::none &&
           std::find(urgent.begin(), urgent.end(), request_.path()) != urgent.end();
}

bool Http2Exchange::flush() {
    stream_->tell();
    return !stream_->is_gone();
}

void Http2Exchange::run() {
    const AtWork at_work(mailbox_);
    if (!stream_->begin()) return;
    const bool may_wait = !is_urgent();  // else it may be the thread that is kept for health
    try {
        shared_.requests.fetch_add(1, std::memory_order_relaxed);
        answer();
    } catch (const std::exception& error) {
        spdlog::error("an answer could not be written: {}", log_safe(error.what()));
    }
    stream_->finish(Finish::broken);  // unless it has come to its end
    if (may_wait && mailbox_.is_crowded()) stream_->wait_until_sent();
}

void Http2Exchange::turn_away() {
    if (!stream_->begin()) return;
    TextBody none;
    request_.body = &none;
    answer_at_once(*stream_, request_.method, refusal(shared_.handler, request_, 503, too_busy_text));
}

void Http2Exchange::answer() {
    Source source(*stream_, shared_.options);
    const auto send_continue = [this] { stream_->send_continue(); };
    RequestBody body(head_, coding_of(request_.headers.get("Content-Encoding")), source, shared_.options.body,
                     shared_.bodies, head_.expects_continue ? send_continue : std::function<void()>());
    request_.body = &body;
    HttpReply reply = ask(shared_, request_).reply;
    ReplyWriter writer(reply, *this, received_);
    if (writer.begin()) write(reply, writer);
}

void Http2Exchange::write(HttpReply& reply, ReplyWriter& writer) {
    const bool has_body = may_have_body(reply, request_.method);
    stream_->write_head(head_of(reply, request_.method));
    if (!has_body) {
        writer.complete();
        return stream_->finish(reply.ending == Ending::normal ? Finish::proper : Finish::broken);
    }
    const auto write_part = [this](std::string_view bytes) { return stream_->write(bytes); };
    const bool is_whole = reply.streamed ? writer.play(write_part)
                                         : write_part(writer.body()) && reply.ending == Ending::normal;
    if (is_whole) stream_->finish(Finish::proper);
}

}  // namespace rockwatch::http
