#include "http/http2.hpp"

#include <spdlog/spdlog.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace rockwatch::http {

namespace {

void add(const Descriptor& epoll, int fd, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.fd = fd}};
    if (epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) != 0)
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

/// Short enough for the shortest limit, long enough to cost nothing.
std::chrono::milliseconds step_for(const FrontOptions& options) {
    const auto shortest =
        std::min({options.head_deadline, options.keep_alive, options.linger, options.write_stall});
    return std::clamp(shortest / 4, Milliseconds(5), Milliseconds(1000));
}

}  // namespace

Http2::Http2(Shared& shared, TaskQueue& tasks)
    : shared_(shared),
      parts_{shared, tasks, mailbox_},
      sweep_step_(step_for(shared.options)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    add(epoll_, mailbox_.fd(), EPOLLIN);
    add(epoll_, shared.stop.fd(), EPOLLIN | EPOLLONESHOT);
}

Http2::~Http2() {
    finish(Moment{});
    parts_.tasks.clear();  // they hold streams, which know our mailbox
}

void Http2::start() {
    thread_ = std::thread([this] { run(); });
}

void Http2::adopt(std::unique_ptr<Connection> connection) {
    shared_.table.hand_over(*connection);
    connection->head_share.give_back();
    mailbox_.put(std::move(connection));
}

bool Http2::finish(Moment until) {
    if (!thread_.joinable()) return true;
    {
        std::unique_lock lock(mutex_);
        if (!ended_.wait_until(lock, until, [&] { return has_ended_; })) {
            is_cut_ = true;
            mailbox_.ring();
        }
    }
    thread_.join();
    // Whoever waited for a client is awake now; a handler that computes is not.
    constexpr std::chrono::milliseconds last_chance{500};
    return mailbox_.wait_until_nobody_works(std::chrono::steady_clock::now() + last_chance);
}

int Http2::time_to_wait() const {
    if (sessions_.empty()) return -1;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(next_sweep_ - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

void Http2::run() {
    while (!is_cut_ && !(is_stopping_ && sessions_.empty())) {
        std::array<epoll_event, 64> events{};
        const int count = epoll_wait(epoll_.get(), events.data(), events.size(), time_to_wait());
        for (int index = 0; index < count; ++index) {
            const auto& event = events[static_cast<std::size_t>(index)];
            if (event.data.fd == mailbox_.fd() || event.data.fd == shared_.stop.fd()) continue;
            serve(event.data.fd, event.events);
        }
        read_letters();
        if (shared_.stop.is_raised() && !is_stopping_) begin_stop();
        if (std::chrono::steady_clock::now() >= next_sweep_) sweep();
    }
    if (!sessions_.empty())
        spdlog::warn("{} HTTP/2 connections are cut off: their calls did not finish in time",
                     sessions_.size());
    while (!sessions_.empty()) close(sessions_.begin()->first);
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    ended_.notify_all();
}

/// Does one thing with a session, and sees what has become of it.
template <class Do>
void Http2::with(Http2Session& session, Do work) {
    const int fd = session.fd();
    try {
        work();
        if (!session.is_over()) return watch(session);
    } catch (const std::exception& error) {  // no memory: the others may go on
        spdlog::error("an HTTP/2 connection is given up: {}", error.what());
    }
    close(fd);
}

void Http2::serve(int fd, std::uint32_t events) {
    const auto place = sessions_.find(fd);
    if (place == sessions_.end()) return;
    Http2Session& session = *place->second;
    with(session, [&] {
        if ((events & EPOLLOUT) != 0) session.write();
        if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0 && !session.is_over()) session.read();
    });
}

void Http2::watch(Http2Session& session) {
    bool& writes = writes_[session.fd()];
    if (writes == session.wants_to_write()) return;
    writes = session.wants_to_write();
    epoll_event event{.events = EPOLLIN | EPOLLRDHUP, .data = {.fd = session.fd()}};
    if (writes) event.events |= EPOLLOUT;
    epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, session.fd(), &event);
}

void Http2::close(int fd) {
    const auto place = sessions_.find(fd);
    auto connection = place->second->release();
    sessions_.erase(place);
    writes_.erase(fd);
    shared_.table.leave(std::move(connection));  // closing takes it out of epoll, too
}

void Http2::read_letters() {
    auto letters = mailbox_.take();
    for (auto& connection : letters.connections) welcome(std::move(connection));
    for (const auto& stream : letters.streams) {
        Http2Session* session = stream->session;
        if (session != nullptr) with(*session, [&] { session->attend(*stream); });
    }
}

void Http2::welcome(std::unique_ptr<Connection> connection) {
    if (is_stopping_) return shared_.table.leave(std::move(connection));
    const int fd = connection->fd();
    try {
        auto session = std::make_unique<Http2Session>(std::move(connection), parts_);
        add(epoll_, fd, EPOLLIN | EPOLLRDHUP);
        Http2Session& welcome = *sessions_.emplace(fd, std::move(session)).first->second;
        if (sessions_.size() == 1) next_sweep_ = std::chrono::steady_clock::now() + sweep_step_;
        with(welcome, [&] { welcome.begin(); });
    } catch (const std::exception& error) {
        spdlog::error("an HTTP/2 connection is given up: {}", error.what());
        shared_.table.leave(nullptr);  // it has been closed on the way here
    }
}

template <class Do>
void Http2::with_all(Do work) {
    std::vector<int> open;
    open.reserve(sessions_.size());
    for (const auto& [fd, session] : sessions_) open.push_back(fd);
    for (const int fd : open) {
        Http2Session& session = *sessions_.at(fd);
        with(session, [&] { work(session); });
    }
}

void Http2::sweep() {
    const Moment now = std::chrono::steady_clock::now();
    with_all([&](Http2Session& session) { session.look_at_deadlines(now); });
    next_sweep_ = now + sweep_step_;
}

void Http2::begin_stop() {
    is_stopping_ = true;
    with_all([](Http2Session& session) { session.begin_stop(); });
}

}  // namespace rockwatch::http
