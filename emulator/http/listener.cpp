#include "http/listener.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include "core/log.hpp"
#include "http/refusal.hpp"

namespace rockwatch::http {

struct Listener::Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
    bool is_optional = false;  ///< ::1 of localhost, which not every machine has
    std::string text;

    int family() const { return storage.ss_family; }
};

namespace {

/// What the database, the log and deliveries may need beside connections; half of it may go to refused ones.
constexpr std::size_t descriptors_kept = 64;

/// Connections that were refused and still read why, beyond the limit.
constexpr std::size_t refused_lingering_max = 256;

std::string numeric(const sockaddr* address, socklen_t size) {
    std::array<char, NI_MAXHOST> host{};
    getnameinfo(address, size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST);
    return host.data();
}

std::string with_port(const std::string& host, int port) {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                               : fmt::format("[{}]:{}", host, port);
}

/// As many descriptors as the system lets us have.
std::size_t raise_descriptor_limit() {
    constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return unlimited;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur == RLIM_INFINITY ? unlimited : limit.rlim_cur;
}

}  // namespace

Listener::Listener(const FrontOptions& options, ConnectionTable& table, const StopSignal& stop)
    : options_(options),
      table_(table),
      stop_(stop),
      connections_max_(options.connections_max),
      lingering_max_(refused_lingering_max) {
    const std::size_t descriptors = std::max(raise_descriptor_limit(), 2 * descriptors_kept);
    const std::size_t possible = descriptors - descriptors_kept;
    if (possible < connections_max_) {
        spdlog::warn("the limit of open files ({}) allows {} connections, not {}", descriptors, possible,
                     connections_max_);
        connections_max_ = possible;
    }
    lingering_max_ = std::min(lingering_max_, descriptors - descriptors_kept / 2 - connections_max_);
}

Listener::~Listener() { join(); }

std::vector<Listener::Address> Listener::resolve() const {
    std::vector<std::string> hosts{options_.host};
    if (options_.host == "localhost") hosts = {"127.0.0.1", "::1"};
    std::vector<Address> found;
    for (const auto& host : hosts) {
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        hints.ai_flags = AI_PASSIVE;
        addrinfo* list = nullptr;
        const int failure = getaddrinfo(host.c_str(), nullptr, &hints, &list);
        if (failure != 0) throw ListenError(fmt::format("--host {}: {}", host, gai_strerror(failure)), false);
        for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
            Address address;
            std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
            address.size = entry->ai_addrlen;
            address.is_optional = host == "::1" && hosts.size() > 1;
            address.text = numeric(entry->ai_addr, entry->ai_addrlen);
            found.push_back(std::move(address));
        }
        freeaddrinfo(list);
    }
    return found;
}

/// An empty descriptor when this machine lacks an address that may be missing. Throws ListenError.
Descriptor Listener::bind_one(const Address& address, int port) const {
    sockaddr_storage storage = address.storage;
    if (address.family() == AF_INET6) {
        reinterpret_cast<sockaddr_in6&>(storage).sin6_port = htons(static_cast<std::uint16_t>(port));
    } else {
        reinterpret_cast<sockaddr_in&>(storage).sin_port = htons(static_cast<std::uint16_t>(port));
    }
    Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int one = 1;
    if (socket) {
        setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (address.family() == AF_INET6)
            setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    }
    constexpr int backlog = 4096;
    const bool is_bound = socket &&
                          ::bind(socket.get(), reinterpret_cast<sockaddr*>(&storage), address.size) == 0 &&
                          ::listen(socket.get(), backlog) == 0;
    if (is_bound) return socket;
    const int failure = errno;
    if (address.is_optional && (failure == EADDRNOTAVAIL || failure == EAFNOSUPPORT)) return {};
    const std::string where = with_port(address.text, port);
    if (failure != EADDRINUSE) throw ListenError(fmt::format("{}: {}", where, std::strerror(failure)), false);
    throw ListenError(
        fmt::format("{} is in use: stop the other server, or choose another port with --port", where), true);
}

/// False when a port that was free for the first address is taken for another one.
bool Listener::bind_all(const std::vector<Address>& addresses) {
    sockets_.clear();
    addresses_.clear();
    port_ = options_.port;
    for (const Address& address : addresses) {
        const bool is_tied = options_.port == 0 && port_ != 0;
        Descriptor socket;
        try {
            socket = bind_one(address, port_);
        } catch (const ListenError& error) {
            if (is_tied && error.is_in_use) return false;
            throw;
        }
        if (!socket) continue;
        sockaddr_storage bound{};
        socklen_t size = sizeof bound;
        getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &size);
        port_ = ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(bound).sin6_port
                                                  : reinterpret_cast<sockaddr_in&>(bound).sin_port);
        addresses_.push_back(with_port(address.text, port_));
        sockets_.push_back(std::move(socket));
    }
    return true;
}

void Listener::bind() {
    const auto addresses = resolve();
    constexpr int tries = 16;
    for (int count = 0; !bind_all(addresses); ++count) {
        if (count == tries) throw ListenError("no port is free for both 127.0.0.1 and ::1", true);
    }
    reserve_ = Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

void Listener::start() {
    thread_ = std::thread([this] { run(); });
}

void Listener::join() {
    if (thread_.joinable()) thread_.join();
    sockets_.clear();
}

void Listener::run() {
    // Short enough for the shortest limit, long enough to cost nothing.
    const auto shortest = std::min({options_.head_deadline, options_.keep_alive, options_.linger});
    const auto step = std::clamp(shortest / 4, Milliseconds(5), Milliseconds(1000));
    Moment next_sweep = std::chrono::steady_clock::now() + step;
    bool is_paused = false;
    while (!stop_.is_raised()) {
        std::vector<pollfd> entries{{.fd = stop_.fd(), .events = POLLIN, .revents = 0}};
        for (const auto& socket : sockets_) {
            // Without descriptors there is nothing to accept with: the backlog waits, nobody spins.
            if (!is_paused) entries.push_back({.fd = socket.get(), .events = POLLIN, .revents = 0});
        }
        const auto left = std::chrono::ceil<Milliseconds>(next_sweep - std::chrono::steady_clock::now());
        const bool has_connections = table_.open() > 0 || is_paused;
        poll(entries.data(), entries.size(),
             has_connections ? static_cast<int>(std::max(left.count(), std::int64_t{0})) : -1);
        is_paused = false;
        for (std::size_t index = 1; index < entries.size(); ++index) {
            if (entries[index].revents != 0 && !accept_from(entries[index].fd)) is_paused = true;
        }
        const Moment now = std::chrono::steady_clock::now();
        if (now < next_sweep) continue;
        sweep();
        next_sweep = now + step;
    }
}

/// Takes what waits. False when the system can't give us a connection now.
bool Listener::accept_from(int listening) {
    for (int count = 0; count < 256; ++count) {
        sockaddr_storage peer{};
        socklen_t size = sizeof peer;
        Descriptor socket(
            accept4(listening, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (socket) {
            take(std::move(socket), numeric(reinterpret_cast<sockaddr*>(&peer), size));
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
        const bool is_exhausted = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        if (is_exhausted && !make_room(listening)) return false;
    }
    return true;
}

void Listener::take(Descriptor socket, std::string peer) {
    const int one = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    accepted_.fetch_add(1, std::memory_order_relaxed);
    const bool is_over = table_.open() >= connections_max_;
    const bool may_linger = table_.open() < connections_max_ + lingering_max_;
    auto connection = std::make_unique<Connection>(std::move(socket), std::move(peer), options_.head);
    const Moment now = std::chrono::steady_clock::now();
    connection->deadline = now + options_.head_deadline;
    if (is_over) {
        refused_.fetch_add(1, std::memory_order_relaxed);
        spdlog::debug("a connection of {} is refused: {} are open", connection->peer(), table_.open());
        connection->send_last_words(refusal_bytes(503, "Too many connections are open (--max-connections)."));
        connection->end_output();
        connection->phase = Connection::Phase::lingering;
        connection->deadline = now + options_.linger;
        if (!may_linger) return;
    }
    table_.park(std::move(connection));
}

/// The last descriptor is ours: with it one client hears why, instead of hanging in the backlog.
bool Listener::make_room(int listening) {
    reserve_ = Descriptor();
    Descriptor socket(accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket) {
        refused_.fetch_add(1, std::memory_order_relaxed);
        const std::string words = refusal_bytes(503, "The server has no file descriptor left.");
        send(socket.get(), words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        std::array<char, 4096> unread{};  // what is left unread at the close would turn it into a reset
        recv(socket.get(), unread.data(), unread.size(), MSG_DONTWAIT);
    }
    const bool had_one = static_cast<bool>(socket);
    socket = Descriptor();
    reserve_ = Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
    return had_one && reserve_;
}

void Listener::sweep() {
    for (auto& connection : table_.take_overdue(std::chrono::steady_clock::now())) {
        if (connection->phase != Connection::Phase::head) {
            table_.close(std::move(connection));
            continue;
        }
        spdlog::debug("{} took too long to send a request's head", connection->peer());
        connection->send_last_words(refusal_bytes(408, "The request's head did not arrive in time.",
                                                  connection->head_reader.target()));
        connection->end_output();
        connection->phase = Connection::Phase::lingering;
        connection->deadline = std::chrono::steady_clock::now() + options_.linger;
        table_.park(std::move(connection));
    }
}

}  // namespace rockwatch::http
