#include "http/connection_table.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace rockwatch::http {

ConnectionTable::ConnectionTable(const StopSignal& stop, TaskQueue& tasks)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), stop_(stop), tasks_(tasks) {
    if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    epoll_event event{.events = EPOLLIN, .data = {.fd = stop.fd()}};
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, stop.fd(), &event);
    event.data.fd = tasks.fd();
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, tasks.fd(), &event);
}

void ConnectionTable::park(std::unique_ptr<Connection> connection) {
    const int fd = connection->fd();
    const std::lock_guard lock(mutex_);
    if (static_cast<std::size_t>(fd) >= slots_.size()) slots_.resize(static_cast<std::size_t>(fd) + 64);
    Slot& slot = slots_[static_cast<std::size_t>(fd)];
    if (!slot.is_watched) open_.fetch_add(1, std::memory_order_relaxed);
    if (slot.is_taken) forget(fd);
    if (is_closed_) {
        slot.is_watched = false;
        open_.fetch_sub(1, std::memory_order_relaxed);
        connection.reset();  // under the lock: the number must not be given away while it is in use here
        return;
    }
    // Armed under the lock, too: a sweep could close it, and the number be somebody else's by now.
    epoll_event event{.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data = {.fd = fd}};
    epoll_ctl(epoll_.get(), slot.is_watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    slot.is_watched = true;
    slot.parked = std::move(connection);
}

Work ConnectionTable::wait(std::chrono::milliseconds patience) {
    epoll_event event{};
    if (epoll_wait(epoll_.get(), &event, 1, static_cast<int>(patience.count())) <= 0) return {};
    if (event.data.fd == stop_.fd()) return {};
    if (event.data.fd == tasks_.fd()) return {.task = tasks_.take()};
    return {.connection = take(event.data.fd)};
}

std::unique_ptr<Connection> ConnectionTable::take_ready() {
    // epoll takes turns among what is ready: the stop and the tasks stand in front of a connection once.
    for (int turn = 0; turn < 3; ++turn) {
        epoll_event event{};
        if (epoll_wait(epoll_.get(), &event, 1, 0) <= 0) return nullptr;
        if (event.data.fd != stop_.fd() && event.data.fd != tasks_.fd()) return take(event.data.fd);
    }
    return nullptr;
}

std::unique_ptr<Connection> ConnectionTable::take(int fd) {
    const std::lock_guard lock(mutex_);
    Slot& slot = slots_[static_cast<std::size_t>(fd)];
    if (!slot.parked) return nullptr;  // swept between the event and now
    slot.is_taken = true;
    ++taken_;
    return std::move(slot.parked);
}

bool ConnectionTable::has_ready() const {
    pollfd entry{.fd = epoll_.get(), .events = POLLIN, .revents = 0};
    return poll(&entry, 1, 0) > 0;
}

/// The connection is no longer a worker's.
void ConnectionTable::forget(int fd) {
    slots_[static_cast<std::size_t>(fd)].is_taken = false;
    if (--taken_ == 0) none_taken_.notify_all();
}

void ConnectionTable::hand_over(const Connection& connection) {
    const std::lock_guard lock(mutex_);
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, connection.fd(), nullptr);
    slots_[static_cast<std::size_t>(connection.fd())].is_watched = false;
    forget(connection.fd());
}

void ConnectionTable::leave(std::unique_ptr<Connection> connection) {
    open_.fetch_sub(1, std::memory_order_relaxed);
    connection.reset();
}

void ConnectionTable::close(std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex_);
    Slot& slot = slots_[static_cast<std::size_t>(connection->fd())];
    slot.is_watched = false;
    if (slot.is_taken) forget(connection->fd());
    open_.fetch_sub(1, std::memory_order_relaxed);
    connection.reset();  // closing takes it out of epoll, too
}

std::vector<std::unique_ptr<Connection>> ConnectionTable::take_overdue(Moment now) {
    std::vector<std::unique_ptr<Connection>> overdue;
    const std::lock_guard lock(mutex_);
    for (Slot& slot : slots_) {
        if (!slot.parked || slot.parked->deadline > now) continue;
        slot.is_taken = true;
        ++taken_;
        overdue.push_back(std::move(slot.parked));
    }
    return overdue;
}

void ConnectionTable::close_parked() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    for (Slot& slot : slots_) {
        if (!slot.parked) continue;
        slot.is_watched = false;
        open_.fetch_sub(1, std::memory_order_relaxed);
        slot.parked.reset();
    }
}

bool ConnectionTable::wait_until_none_is_taken(Moment until) {
    std::unique_lock lock(mutex_);
    return none_taken_.wait_until(lock, until, [&] { return taken_ == 0; });
}

void ConnectionTable::shut_down_taken() {
    const std::lock_guard lock(mutex_);
    for (std::size_t fd = 0; fd < slots_.size(); ++fd) {
        if (slots_[fd].is_taken) shutdown(static_cast<int>(fd), SHUT_RDWR);
    }
}

std::size_t ConnectionTable::taken() const {
    const std::lock_guard lock(mutex_);
    return taken_;
}

}  // namespace rockwatch::http
