#include "http/connection.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <system_error>

namespace rockwatch::http {

namespace {

/// What is received lands on the stack first, not zeroed: thousands of waiting workers hold nothing for it.
using Landing = std::array<char, Connection::receive_bytes_max>;

/// ppoll with a deadline on the monotonic clock.
int poll_until(std::span<pollfd> entries, Moment until) {
    for (;;) {
        const auto left = std::max(until - std::chrono::steady_clock::now(), Moment::duration::zero());
        const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
        const timespec timeout{.tv_sec = seconds.count(),
                               .tv_nsec = std::chrono::nanoseconds(left - seconds).count()};
        const int ready =
            ppoll(entries.data(), entries.size(), until == Moment::max() ? nullptr : &timeout, nullptr);
        if (ready >= 0 || errno != EINTR) return ready;
    }
}

Descriptor make_event() {
    Descriptor event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event) throw std::system_error(errno, std::generic_category(), "eventfd");
    return event;
}

constexpr short hung_up = POLLRDHUP | POLLHUP | POLLERR | POLLNVAL;

}  // namespace

void Descriptor::close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

StopSignal::StopSignal() : event_(make_event()) {}

void StopSignal::raise() {
    is_raised_ = true;
    eventfd_write(event_.get(), 1);
}

Bell::Bell() : event_(make_event()) {}

void Bell::ring() { eventfd_write(event_.get(), 1); }

void Bell::clear() {
    eventfd_t rung = 0;
    eventfd_read(event_.get(), &rung);
}

Connection::Connection(Descriptor socket, std::string peer, const HeadLimits& limits)
    : head_reader(limits), socket_(std::move(socket)), peer_(std::move(peer)) {}

void Connection::consume(std::size_t count) {
    at_ += count;
    if (at_ < input_.size()) return;
    at_ = 0;
    constexpr std::size_t kept_bytes_max = 4096;  // thousands of idle connections must not hold buffers
    if (input_.capacity() > kept_bytes_max) {
        std::string().swap(input_);
    } else {
        input_.clear();
    }
}

Connection::Received Connection::receive(std::size_t size) {
    Landing buffer;
    for (;;) {
        const ssize_t count = recv(fd(), buffer.data(), std::min(size, buffer.size()), MSG_DONTWAIT);
        if (count > 0) {
            if (at_ > 0) input_.erase(0, std::exchange(at_, 0));
            input_.append(buffer.data(), static_cast<std::size_t>(count));
            return Received::bytes;
        }
        if (count < 0 && errno == EINTR) continue;
        return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? Received::nothing : Received::end;
    }
}

Connection::Received Connection::discard() {
    input_.clear();
    at_ = 0;
    Landing buffer;
    for (int rounds = 0; rounds < 16; ++rounds) {
        const ssize_t count = recv(fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count > 0 || (count < 0 && errno == EINTR)) continue;
        return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? Received::nothing : Received::end;
    }
    return Received::bytes;
}

std::string Connection::peek(std::size_t size, bool& has_ended) const {
    std::string bytes(size, '\0');
    const ssize_t count = recv(fd(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_PEEK);
    has_ended = count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
}

bool Connection::wait_readable(Moment until) const {
    std::array<pollfd, 1> entries{{{.fd = fd(), .events = POLLIN, .revents = 0}}};
    return poll_until(entries, until) > 0;
}

Connection::Woken Connection::wait_until(Moment due, const StopSignal& stop, const Bell* bell) const {
    // Of a negative descriptor nothing is heard.
    std::array<pollfd, 3> entries{
        {{.fd = fd(), .events = POLLRDHUP, .revents = 0},
         {.fd = stop.fd(), .events = POLLIN, .revents = 0},
         {.fd = bell == nullptr ? -1 : bell->fd(), .events = POLLIN, .revents = 0}}};
    if (poll_until(entries, due) <= 0) return Woken::due;
    if ((entries[0].revents & hung_up) != 0) return Woken::gone;
    return entries[1].revents != 0 ? Woken::stopping : Woken::rung;
}

Connection::Sent Connection::send(std::string_view& first, std::string_view& second) const {
    while (!first.empty() || !second.empty()) {
        std::array<iovec, 2> parts{
            {{.iov_base = const_cast<char*>(first.data()), .iov_len = first.size()},
             {.iov_base = const_cast<char*>(second.data()), .iov_len = second.size()}}};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        const ssize_t sent = sendmsg(fd(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Sent::part : Sent::gone;
        const auto of_first = std::min(static_cast<std::size_t>(sent), first.size());
        first.remove_prefix(of_first);
        second.remove_prefix(static_cast<std::size_t>(sent) - of_first);
    }
    return Sent::all;
}

bool Connection::wait_writable(Moment until) const {
    std::array<pollfd, 1> entries{{{.fd = fd(), .events = POLLOUT, .revents = 0}}};
    return poll_until(entries, until) > 0 && (entries[0].revents & POLLOUT) != 0;
}

void Connection::send_last_words(std::string_view text) const {
    // The client may have left, and it is told nothing more either way.
    [[maybe_unused]] const ssize_t sent = ::send(fd(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Connection::reset_on_close() const {
    const linger abort{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
}

void Connection::end_output() const { shutdown(fd(), SHUT_WR); }

}  // namespace rockwatch::http
