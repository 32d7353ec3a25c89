#pragma once

#include "http/body.hpp"
#include "http/connection.hpp"
#include "http/front.hpp"
#include "http/workers.hpp"

namespace rockwatch::http {

/// Body bytes from a connection. Counts the time spent waiting for the client, and no other, against the rate
/// that it must keep.
class SocketSource : public ByteSource {
public:
    SocketSource(Connection& connection, const FrontOptions& options, Workers& workers)
        : connection_(connection),
          options_(options),
          workers_(workers),
          window_(options.body_grace + options.body_window) {}

    std::string_view peek() const override { return connection_.unread(); }
    void consume(std::size_t count) override { connection_.consume(count); }
    bool fill() override;

    /// From now on only what has come in already is read.
    void stop_waiting() { is_patient_ = false; }

private:
    void wait();

    Connection& connection_;
    const FrontOptions& options_;
    Workers& workers_;
    bool is_patient_ = true;
    Moment::duration window_;
    Moment::duration waited_{0};
    std::size_t received_ = 0;  ///< in this window
};

}  // namespace rockwatch::http
