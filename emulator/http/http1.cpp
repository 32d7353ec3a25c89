#include "http/http1.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/log.hpp"
#include "core/text.hpp"
#include "core/waiting.hpp"
#include "http/http2.hpp"
#include "http/refusal.hpp"
#include "http/sniff.hpp"
#include "http/socket_source.hpp"
#include "http/worker_memory.hpp"

namespace rockwatch::http {

namespace {

using Received = Connection::Received;

/// Smaller answers are joined into one send, head and body.
constexpr std::size_t joined_bytes_max = 64 * 1024;

/// What the library is told of a request: all that it has a say in. Target, headers and body stay with us,
/// since it would decode, sort, limit and copy them (threats.md 1), and our router reads them raw.
std::string canonical_head(const std::string& method) {
    return fmt::format("{} / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", method);
}

/// Nobody turns to HTTP/2 on a connection that has spoken HTTP/1 before.
bool speaks_http2(const Connection& connection) {
    return connection.is_new && sniff(connection.unread()) == Protocol::http2;
}

}  // namespace

void Http1Link::begin(Connection& connection) {
    connection_ = &connection;
    is_cut_ = is_reset_ = false;
    out_.clear();
    if (out_.capacity() > 2 * joined_bytes_max) out_.shrink_to_fit();
}

Connection::Woken Http1Link::wait_until(Moment due) {
    const Waiting waiting;
    give_back_memory(due);
    return connection_->wait_until(due, shared_.stop);
}

std::function<void()> Http1Link::ringer() {
    if (!bell_) bell_.emplace();
    return [this] { bell_->ring(); };
}

Connection::Woken Http1Link::wait_for_ring(Moment due) {
    const Waiting waiting;
    const auto woken = connection_->wait_until(due, shared_.stop, &*bell_);
    bell_->clear();
    return woken;
}

bool Http1Link::take(std::string_view bytes) {
    if (is_cut_) return false;
    if (out_.size() + bytes.size() > joined_bytes_max) return send(bytes);
    out_ += bytes;
    return true;
}

bool Http1Link::flush() { return !is_cut_ && send({}); }

bool Http1Link::send(std::string_view more) {
    std::string_view first = out_;
    for (;;) {
        const auto sent = connection_->send(first, more);
        if (sent == Connection::Sent::all) break;
        const Waiting waiting;
        const Moment until = std::chrono::steady_clock::now() + shared_.options.write_stall;
        const bool is_given_up = sent == Connection::Sent::gone || patience_ == Patience::none;
        if (is_given_up || !connection_->wait_writable(until)) {
            is_cut_ = true;
            break;
        }
    }
    out_.clear();
    return !is_cut_;
}

void Http1Link::reset() {
    is_reset_ = is_cut_ = true;
    out_.clear();
    connection_->reset_on_close();
}

/// One request and what becomes of it.
struct Http1::Exchange {
    Exchange(Connection& connection, Shared& shared, Head&& taken)
        : connection(connection),
          received(std::chrono::steady_clock::now()),
          head(std::move(taken)),
          source(connection, shared.options),
          request{.method = std::move(head.method),
                  .target = std::move(head.target),
                  .headers = std::move(head.headers),
                  .remote_address = connection.peer(),
                  .received = std::chrono::floor<Milliseconds>(received.time_since_epoch())},
          body(head, coding_of(request.headers.get("Content-Encoding")), source, shared.options.body,
               shared.bodies, continue_sender()),
          keeps_alive(head.keeps_alive) {
        request.body = &body;
    }

    std::function<void()> continue_sender() {
        if (!head.expects_continue) return {};
        return [this] { connection.send_last_words("HTTP/1.1 100 Continue\r\n\r\n"); };
    }

    Connection& connection;
    const Moment received;
    Head head;
    SocketSource source;
    HttpRequest request;
    RequestBody body;
    HttpReply reply;
    std::optional<ReplyWriter> writer;
    bool keeps_alive;
};

Http1::Http1(Shared& shared, Http2& http2)
    : shared_(shared),
      http2_(http2),
      link_(shared),
      keep_alive_hint_(fmt::format(
          "timeout={}", std::chrono::floor<std::chrono::seconds>(shared.options.keep_alive).count())) {
    library_.set_pre_routing_handler([this](const httplib::Request&, httplib::Response& response) {
        answer_into(response);
        return httplib::Server::HandlerResponse::Handled;
    });
    library_.set_post_routing_handler(
        [this](const httplib::Request&, httplib::Response& response) { finish_headers(response); });
}

HeadReader::State Http1::read_head(Connection& connection) {
    const auto unread = connection.unread();
    const bool is_undecided = connection.is_new && sniff(unread) == Protocol::undecided;
    if (unread.empty() || is_undecided) return HeadReader::State::incomplete;
    return connection.head_reader.read(unread);
}

void Http1::serve(std::unique_ptr<Connection> connection) {
    if (connection->phase == Connection::Phase::lingering) return finish(std::move(connection));
    connection->unserved_since = {};
    for (;;) {
        if (speaks_http2(*connection)) return http2_.adopt(std::move(connection));
        const auto state = read_head(*connection);
        if (state == HeadReader::State::incomplete) {
            const auto received = connection->receive();
            if (received == Received::end) return shared_.table.close(std::move(connection));
            if (received == Received::nothing) return park(std::move(connection));
            continue;
        }
        if (state == HeadReader::State::broken) {
            const HeadFault fault = connection->head_reader.fault();
            spdlog::debug("a request of {} is refused: {}", connection->peer(), fault.message);
            return refuse(std::move(connection), fault);
        }
        if (!answer(*connection)) return finish(std::move(connection));
        connection->head_reader = HeadReader(shared_.options.head);
        connection->phase = Connection::Phase::idle;
        connection->is_new = false;
        if (connection->unread().empty() && !comes_back_soon(*connection)) return park(std::move(connection));
    }
}

/// A busy client's next request is worth a short wait: it saves the way through epoll and to another thread.
/// Only while there are few workers, so that nobody else waits for it.
bool Http1::comes_back_soon(const Connection& connection) const {
    const Milliseconds hold = shared_.options.hold;
    if (hold == Milliseconds{0} || link_.patience() == Patience::none) return false;
    if (shared_.stop.is_raised() || !shared_.workers.has_plenty()) return false;
    return connection.wait_readable(std::chrono::steady_clock::now() + hold);
}

void Http1::park(std::unique_ptr<Connection> connection) {
    const Moment now = std::chrono::steady_clock::now();
    if (!connection->unread().empty()) {
        // The whole head has one deadline, from its first byte on: a byte now and then does not move it.
        if (connection->phase != Connection::Phase::head)
            connection->deadline = now + shared_.options.head_deadline;
        connection->phase = Connection::Phase::head;
        if (!connection->head_share.have(shared_.heads, connection->unread().size()))
            return refuse(std::move(connection), {503, "Too many requests have only begun; try again."});
    } else if (connection->phase == Connection::Phase::idle) {
        connection->deadline = now + shared_.options.keep_alive;
    }
    shared_.table.park(std::move(connection));
}

/// Answers what can't be answered as a request.
void Http1::refuse(std::unique_ptr<Connection> connection, const HeadFault& fault) {
    connection->send_last_words(refusal_bytes(fault.status, fault.message, connection->head_reader.target()));
    linger(std::move(connection));
}

/// A close while the client still sends would reset the connection, and the answer might never be read.
void Http1::linger(std::unique_ptr<Connection> connection) {
    connection->end_output();
    connection->phase = Connection::Phase::lingering;
    connection->deadline = std::chrono::steady_clock::now() + shared_.options.linger;
    finish(std::move(connection));
}

/// Ends a connection, at once if it is reset, the client has ended its side, or its time is up.
void Http1::finish(std::unique_ptr<Connection> connection) {
    if (connection->phase != Connection::Phase::lingering) {
        if (link_.is_reset()) return shared_.table.close(std::move(connection));
        return linger(std::move(connection));
    }
    // Looked at here, too: the sweep never finds a connection parked that keeps sending.
    const bool is_overdue = connection->deadline <= std::chrono::steady_clock::now();
    if (is_overdue || connection->discard() == Received::end)
        return shared_.table.close(std::move(connection));
    shared_.table.park(std::move(connection));
}

bool Http1::is_urgent(std::string_view bytes) const {
    constexpr std::string_view get = "GET ";
    constexpr std::string_view head_end = "\r\n\r\n";
    // A whole head and nothing behind it: the thread that is kept for health must not come to a call that
    // waits.
    const auto end = bytes.find(head_end);
    if (!bytes.starts_with(get) || end == std::string_view::npos || end + head_end.size() != bytes.size())
        return false;
    bytes.remove_prefix(get.size());
    const auto target = bytes.substr(0, bytes.find_first_of(" ?"));
    const auto& urgent = shared_.options.urgent_paths;
    return std::find(urgent.begin(), urgent.end(), target) != urgent.end();
}

void Http1::serve_urgent(std::unique_ptr<Connection> connection, std::chrono::milliseconds patience) {
    constexpr std::size_t head_bytes = 2048;  // of a health check; a longer one waits its turn
    bool has_ended = false;
    const std::string bytes = connection->peek(head_bytes, has_ended);
    if (has_ended || connection->phase == Connection::Phase::lingering) return serve(std::move(connection));
    if (connection->unread().empty() && is_urgent(bytes)) {
        connection->receive(bytes.size());  // no more than that: what follows might wait for something
        return serve_at_once(std::move(connection));
    }
    if (connection->is_new && sniff(std::string(connection->unread()) + bytes) == Protocol::http2) {
        connection->receive();
        return http2_.adopt(std::move(connection));  // its requests wait for a worker one by one
    }
    const Moment now = std::chrono::steady_clock::now();
    if (connection->unserved_since == Moment{}) connection->unserved_since = now;
    if (now - connection->unserved_since < patience) return shared_.table.park(std::move(connection));
    connection->send_last_words(too_busy_bytes(*connection));
    linger(std::move(connection));
}

/// Answers, and waits for the client in nothing: neither for a body, nor for room, nor for its next request.
void Http1::serve_at_once(std::unique_ptr<Connection> connection) {
    link_.be(Patience::none);
    serve(std::move(connection));
    link_.be(Patience::usual);
}

/// In the form of whoever asks, if the head is there.
std::string Http1::too_busy_bytes(Connection& connection) {
    connection.receive();
    if (read_head(connection) != HeadReader::State::complete)
        return refusal_bytes(503, too_busy_text, connection.head_reader.target());
    Head head = connection.head_reader.take();
    const HttpRequest request{.method = std::move(head.method),
                              .target = std::move(head.target),
                              .headers = std::move(head.headers),
                              .remote_address = connection.peer()};
    HttpReply reply = refusal(shared_.handler, request, 503, too_busy_text);
    if (request.method == "HEAD") reply.body.clear();
    return last_bytes(reply);
}

/// True when the connection is good for another request.
bool Http1::answer(Connection& connection) {
    const std::size_t head_bytes = connection.head_reader.size();
    Head head = connection.head_reader.take();
    connection.consume(head_bytes);
    connection.head_share.give_back();
    Exchange exchange(connection, shared_, std::move(head));
    if (link_.patience() == Patience::none) exchange.source.stop_waiting();
    exchange_ = &exchange;
    shared_.requests.fetch_add(1, std::memory_order_relaxed);
    link_.begin(connection);
    link_.put(canonical_head(exchange.request.method));
    try {
        const bool is_written = library_.process(link_) && link_.flush();
        exchange.keeps_alive = exchange.keeps_alive && is_written;
    } catch (const std::exception& error) {
        spdlog::error("an answer could not be written: {}", log_safe(error.what()));
        exchange.keeps_alive = false;
    }
    if (!exchange.keeps_alive) link_.flush();
    exchange_ = nullptr;
    return exchange.keeps_alive;
}

void Http1::answer_into(httplib::Response& response) {
    Exchange& exchange = *exchange_;
    Answered answered = ask(shared_, exchange.request);
    exchange.reply = std::move(answered.reply);
    exchange.keeps_alive = exchange.keeps_alive && answered.is_let_in;
    exchange.source.stop_waiting();
    const bool is_framed = exchange.body.drain(shared_.options.drain_bytes_max);
    exchange.keeps_alive = exchange.keeps_alive && is_framed && exchange.reply.ending == Ending::normal;
    exchange.writer.emplace(exchange.reply, link_, exchange.received);
    if (!exchange.writer->begin()) {
        exchange.keeps_alive = false;
        link_.cut();
        return;
    }
    exchange.keeps_alive = exchange.keeps_alive && !shared_.stop.is_raised();
    fill(response, exchange);
}

void Http1::fill(httplib::Response& response, Exchange& exchange) {
    HttpReply& reply = exchange.reply;
    const bool is_head = exchange.request.method == "HEAD";
    response.status = reply.status;
    if (has_no_body(reply.status)) reply.body.clear();
    const auto add = [&](const Headers::Field& field) {
        const auto& [name, value] = field;
        // S3 tells the length of an object that it does not send.
        const bool is_told_length =
            is_head && reply.body.empty() && equal_ignoring_case(name, "Content-Length");
        if (is_framing_header(name) && !is_told_length) return;
        if (!may_be_sent(name, value)) return;
        if (reply.streamed && equal_ignoring_case(name, "Content-Type")) return;
        response.headers.emplace(name, value);
    };
    if constexpr (reverses_headers) {
        std::for_each(std::make_reverse_iterator(reply.headers.end()),
                      std::make_reverse_iterator(reply.headers.begin()), add);
    } else {
        std::for_each(reply.headers.begin(), reply.headers.end(), add);
    }
    response.headers.emplace("Date", date_.now());
    if (reply.streamed) return fill_stream(response, exchange);
    if (reply.ending != Ending::truncate || is_head) {
        response.body = std::move(reply.body);
        return;
    }
    std::string type(reply.headers.get("Content-Type"));
    response.headers.erase("Content-Type");
    response.set_content_provider(reply.body.size(), type,
                                  [this](std::size_t, std::size_t, httplib::DataSink& sink) {
                                      const auto part = exchange_->writer->body();
                                      if (!part.empty()) sink.write(part.data(), part.size());
                                      link_.flush();
                                      link_.cut();
                                      return false;
                                  });
}

void Http1::fill_stream(httplib::Response& response, Exchange& exchange) {
    const auto provider = [this](std::size_t, httplib::DataSink& sink) {
        const auto write = [&](std::string_view bytes) { return sink.write(bytes.data(), bytes.size()); };
        try {
            const bool is_whole = exchange_->writer->play(write);
            if (is_whole) sink.done();
            return is_whole;
        } catch (const std::exception& error) {  // the library has no one who would catch it
            spdlog::error("a stream broke off: {}", log_safe(error.what()));
            return false;
        }
    };
    const std::string* type = exchange.reply.headers.find("Content-Type");
    const std::string content_type = type == nullptr ? "application/octet-stream" : *type;
    if (exchange.request.method == "HEAD") exchange.writer->complete();
    if (exchange.head.is_http_1_0) {  // knows no chunks: the end of the connection is the end of the stream
        exchange.keeps_alive = false;
        response.set_content_provider(content_type, provider);
    } else {
        response.set_chunked_content_provider(content_type, provider);
    }
}

/// Runs after the library has added what it thinks belongs there.
void Http1::finish_headers(httplib::Response& response) {
    if (exchange_->reply.headers.find("Accept-Ranges") == nullptr) response.headers.erase("Accept-Ranges");
    if (has_no_body(response.status)) response.headers.erase("Content-Length");
    response.headers.erase("Connection");
    response.headers.erase("Keep-Alive");
    if (!exchange_->keeps_alive) {
        response.headers.emplace("Connection", "close");
        return;
    }
    if (exchange_->head.is_http_1_0) response.headers.emplace("Connection", "keep-alive");
    response.headers.emplace("Keep-Alive", keep_alive_hint_);
}

}  // namespace rockwatch::http
