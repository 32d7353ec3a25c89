#include "deliveries/socket_stream.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "protocol/message.hpp"

namespace rockwatch::deliveries {

namespace {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

SocketAddress socket_address(const Address& address, int port) {
    SocketAddress made;
    if (address.is_v4()) {
        auto* v4 = reinterpret_cast<sockaddr_in*>(&made.storage);
        v4->sin_family = AF_INET;
        v4->sin_port = htons(static_cast<std::uint16_t>(port));
        std::memcpy(&v4->sin_addr, address.bytes.data() + 12, 4);
        made.size = sizeof(sockaddr_in);
    } else {
        auto* v6 = reinterpret_cast<sockaddr_in6*>(&made.storage);
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(static_cast<std::uint16_t>(port));
        std::memcpy(&v6->sin6_addr, address.bytes.data(), 16);
        made.size = sizeof(sockaddr_in6);
    }
    return made;
}

std::string tls_error() {
    const unsigned long code = ERR_get_error();
    if (code == 0) return "the connection was closed";
    char text[256];
    ERR_error_string_n(code, text, sizeof text);
    return text;
}

}  // namespace

SocketStream::SocketStream(const Address& address, int port, Milliseconds connect_deadline,
                           StreamLimits limits)
    : limits_(limits), remote_ip_(address.text()), remote_port_(port) {
    const int family = address.is_v4() ? AF_INET : AF_INET6;
    socket_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0) throw SendFailure(fmt::format("no socket: {}", std::strerror(errno)));
    try {
        connect_to(address, port, connect_deadline);
    } catch (...) {
        ::close(socket_);
        throw;
    }
}

SocketStream::~SocketStream() {
    tls_.reset();
    ::close(socket_);
}

void SocketStream::connect_to(const Address& address, int port, Milliseconds deadline) {
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const SocketAddress to = socket_address(address, port);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to.storage), to.size) == 0) return;
    if (errno != EINPROGRESS)
        throw SendFailure(
            fmt::format("cannot connect to {} port {}: {}", remote_ip_, port, std::strerror(errno)));
    wait(POLLOUT, deadline);
    int failure = 0;
    socklen_t size = sizeof failure;
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &failure, &size);
    if (failure != 0)
        throw SendFailure(
            fmt::format("cannot connect to {} port {}: {}", remote_ip_, port, std::strerror(failure)));
}

void SocketStream::wait(short events, Milliseconds deadline) const {
    for (;;) {
        const Milliseconds left = deadline - monotonic();
        if (left.count() <= 0)
            throw SendFailure(fmt::format("{} port {} did not answer in time", remote_ip_, remote_port_));
        pollfd waiting[2] = {{socket_, events, 0}, {limits_.cancelled, POLLIN, 0}};
        const int ready = ::poll(waiting, 2, static_cast<int>(left.count()));
        if (ready < 0 && errno != EINTR) throw SendFailure(fmt::format("poll: {}", std::strerror(errno)));
        if (ready > 0 && waiting[1].revents != 0) throw SendCancelled{};
        if (ready > 0) return;
    }
}

void SocketStream::wait_for_tls(int result, const char* doing) const {
    switch (SSL_get_error(tls_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return wait(POLLIN, limits_.deadline);
        case SSL_ERROR_WANT_WRITE:
            return wait(POLLOUT, limits_.deadline);
        default:
            throw SendFailure(fmt::format("TLS, {}: {}", doing, tls_error()));
    }
}

void SocketStream::start_tls(SSL_CTX* context, const std::string& server_name,
                             const std::string& verify_host) {
    tls_.reset(SSL_new(context));
    if (!tls_) throw SendFailure("TLS: " + tls_error());
    SSL_set_fd(tls_.get(), socket_);
    const bool is_address = parse_address(server_name).has_value();
    if (!is_address) SSL_set_tlsext_host_name(tls_.get(), server_name.c_str());
    if (verify_host.empty()) {
        SSL_set_verify(tls_.get(), SSL_VERIFY_NONE, nullptr);
    } else {
        SSL_set_verify(tls_.get(), SSL_VERIFY_PEER, nullptr);
        X509_VERIFY_PARAM* rules = SSL_get0_param(tls_.get());
        if (is_address) {
            X509_VERIFY_PARAM_set1_ip_asc(rules, verify_host.c_str());
        } else {
            X509_VERIFY_PARAM_set1_host(rules, verify_host.c_str(), 0);
        }
    }
    for (;;) {
        ERR_clear_error();
        const int result = SSL_connect(tls_.get());
        if (result == 1) return;
        wait_for_tls(result, "handshake");
    }
}

ssize_t SocketStream::read(char* buffer, std::size_t size) {
    if (read_bytes_ >= limits_.read_bytes_max) {
        throw SendFailure(fmt::format("the answer is longer than {} bytes", limits_.read_bytes_max));
    }
    size = std::min(size, limits_.read_bytes_max - read_bytes_);
    for (;;) {
        ssize_t count = 0;
        if (tls_) {
            ERR_clear_error();
            const int result = SSL_read(tls_.get(), buffer, static_cast<int>(size));
            if (result <= 0 && SSL_get_error(tls_.get(), result) == SSL_ERROR_ZERO_RETURN) return 0;
            if (result <= 0) {
                wait_for_tls(result, "read");
                continue;
            }
            count = result;
        } else {
            count = ::recv(socket_, buffer, size, 0);
            if (count < 0 && errno == EINTR) continue;
            if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
                wait(POLLIN, limits_.deadline);
                continue;
            }
            if (count < 0) throw SendFailure(fmt::format("the connection broke: {}", std::strerror(errno)));
        }
        read_bytes_ += static_cast<std::size_t>(count);
        return count;
    }
}

ssize_t SocketStream::write(const char* bytes, std::size_t size) {
    for (;;) {
        if (tls_) {
            ERR_clear_error();
            const int result =
                SSL_write(tls_.get(), bytes, static_cast<int>(std::min<std::size_t>(size, 1U << 20U)));
            if (result > 0) return result;
            wait_for_tls(result, "write");
            continue;
        }
        const ssize_t count = ::send(socket_, bytes, size, MSG_NOSIGNAL);
        if (count >= 0) return count;
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) {
            throw SendFailure(fmt::format("the connection broke: {}", std::strerror(errno)));
        }
        wait(POLLOUT, limits_.deadline);
    }
}

void SocketStream::get_remote_ip_and_port(std::string& ip, int& port) const {
    ip = remote_ip_;
    port = remote_port_;
}

void SocketStream::get_local_ip_and_port(std::string& ip, int& port) const {
    ip.clear();
    port = 0;
}

}  // namespace rockwatch::deliveries
