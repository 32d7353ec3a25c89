#pragma once

#include "http/body_rate.hpp"
#include "http/connection.hpp"
#include "http/front.hpp"

namespace rockwatch::http {

/// Body bytes from a connection. Counts the time spent waiting for the client, and no other, against the rate
/// that it must keep.
class SocketSource : public ByteSource {
public:
    SocketSource(Connection& connection, const FrontOptions& options)
        : connection_(connection),
          rate_({.grace = options.body_grace,
                 .window = options.body_window,
                 .bytes_a_second_min = options.body_rate_min}) {}

    std::string_view peek() const override { return connection_.unread(); }
    void consume(std::size_t count) override { connection_.consume(count); }
    bool fill() override;

    /// From now on only what has come in already is read.
    void stop_waiting() { is_patient_ = false; }

private:
    void wait();

    Connection& connection_;
    bool is_patient_ = true;
    BodyRate rate_;
};

}  // namespace rockwatch::http
