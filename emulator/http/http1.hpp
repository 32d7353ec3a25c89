#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http/answering.hpp"
#include "http/body.hpp"
#include "http/httplib_compat.hpp"
#include "http/reply_writer.hpp"
#include "http/shared.hpp"

namespace rockwatch::http {

class Http2;

/// How long a client may keep a thread waiting: as the options say, or not at all.
enum class Patience { usual, none };

/// The client's end of the present exchange: the library writes to it, the reply writer waits on it.
class Http1Link : public LibraryStream, public Link {
public:
    explicit Http1Link(Shared& shared) : shared_(shared) {}

    void begin(Connection& connection);

    Connection::Woken wait_until(Moment due) override;
    std::function<void()> ringer() override;
    Connection::Woken wait_for_ring(Moment due) override;
    bool flush() override;
    void reset() override;

    /// Nothing more is sent.
    void cut() { is_cut_ = true; }
    /// Without any, a client that does not take at once what is sent is cut off.
    void be(Patience patience) { patience_ = patience; }
    Patience patience() const { return patience_; }
    bool is_reset() const { return is_reset_; }

protected:
    bool take(std::string_view bytes) override;

private:
    bool send(std::string_view more);

    Shared& shared_;
    Connection* connection_ = nullptr;
    std::optional<Bell> bell_;  // of the first exchange that needs one
    std::string out_;
    Patience patience_ = Patience::usual;
    bool is_cut_ = false;
    bool is_reset_ = false;
};

/// Serves HTTP/1.0 and 1.1: heads are read and checked by us, answers are written by cpp-httplib. One a
/// thread.
class Http1 : public Attendant {
public:
    Http1(Shared& shared, Http2& http2);

    void serve(std::unique_ptr<Connection> connection) override;
    void serve_urgent(std::unique_ptr<Connection> connection, std::chrono::milliseconds patience) override;

private:
    struct Exchange;

    HeadReader::State read_head(Connection& connection);
    bool answer(Connection& connection);
    void answer_into(httplib::Response& response);
    void fill(httplib::Response& response, Exchange& exchange);
    void fill_stream(httplib::Response& response, Exchange& exchange);
    void finish_headers(httplib::Response& response);
    void serve_at_once(std::unique_ptr<Connection> connection);
    void park(std::unique_ptr<Connection> connection);
    void refuse(std::unique_ptr<Connection> connection, const HeadFault& fault);
    std::string too_busy_bytes(Connection& connection);
    void finish(std::unique_ptr<Connection> connection);
    void linger(std::unique_ptr<Connection> connection);
    bool comes_back_soon(const Connection& connection) const;
    bool is_urgent(std::string_view bytes) const;

    Shared& shared_;
    Http2& http2_;
    Http1Link link_;
    LibraryServer library_;
    Exchange* exchange_ = nullptr;
    const std::string keep_alive_hint_;
    DateHeader date_;
};

}  // namespace rockwatch::http
