#pragma once

// httplib's thread pool and limits are not used here; only its request and response handling.
#include <httplib.h>
#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>

#include "core/instant.hpp"
#include "deliveries/outbound_policy.hpp"

namespace rockwatch::deliveries {

/// Why an attempt ended without an answer.
struct SendFailure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The emulator stops.
struct SendCancelled {};

/// What a connection may take.
struct StreamLimits {
    Milliseconds deadline;  ///< on monotonic()
    std::size_t read_bytes_max;
    int cancelled = -1;  ///< a descriptor that becomes readable when the attempt is to end
};

/// httplib's view of a connection of ours: one deadline over all of it, counted bytes, and a way to end it.
/// Throws SendFailure or SendCancelled from every wait.
class SocketStream : public httplib::Stream {
public:
    SocketStream(const Address& address, int port, Milliseconds connect_deadline, StreamLimits limits);
    ~SocketStream() override;
    SocketStream(const SocketStream&) = delete;
    SocketStream& operator=(const SocketStream&) = delete;

    /// Speaks TLS from here on. `verify_host` empty: whoever answers is believed.
    void start_tls(SSL_CTX* context, const std::string& server_name, const std::string& verify_host);

    ssize_t read(char* buffer, std::size_t size) override;
    ssize_t write(const char* bytes, std::size_t size) override;
    using httplib::Stream::write;

    // Named differently by versions of httplib; `override` would tie us to one.
    bool is_readable() const { return true; }
    bool is_writable() const { return true; }
    bool wait_readable() const { return true; }
    bool wait_writable() const { return true; }
    time_t duration() const { return 0; }

    void get_remote_ip_and_port(std::string& ip, int& port) const override;
    void get_local_ip_and_port(std::string& ip, int& port) const override;
    socket_t socket() const override { return socket_; }

private:
    void connect_to(const Address& address, int port, Milliseconds deadline);
    void wait(short events, Milliseconds deadline) const;
    /// Waits for what TLS asked for; throws when it asked for nothing.
    void wait_for_tls(int result, const char* doing) const;

    int socket_ = -1;
    StreamLimits limits_;
    std::size_t read_bytes_ = 0;
    std::string remote_ip_;
    int remote_port_ = 0;
    std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, SSL_free};
};

}  // namespace rockwatch::deliveries
