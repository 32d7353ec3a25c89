#include "http/http2_mailbox.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace rockwatch::http {

Http2Mailbox::Http2Mailbox() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!event_) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Http2Mailbox::ring() { eventfd_write(event_.get(), 1); }

void Http2Mailbox::put(std::unique_ptr<Connection> connection) {
    {
        const std::lock_guard lock(mutex_);
        letters_.connections.push_back(std::move(connection));
    }
    ring();
}

void Http2Mailbox::put(std::shared_ptr<Http2Stream> stream) {
    {
        const std::lock_guard lock(mutex_);
        letters_.streams.push_back(std::move(stream));
        if (letters_.streams.size() > 1) return;  // it has been rung for the first
    }
    ring();
}

Http2Mailbox::Letters Http2Mailbox::take() {
    eventfd_t rings = 0;
    eventfd_read(event_.get(),
                 &rings);  // before the letters: a ring for one that is taken here costs nothing
    const std::lock_guard lock(mutex_);
    return std::exchange(letters_, {});
}

void Http2Mailbox::begin_work() {
    const std::lock_guard lock(mutex_);
    ++working_;
}

void Http2Mailbox::end_work() {
    const std::lock_guard lock(mutex_);
    if (--working_ == 0) nobody_works_.notify_all();
}

bool Http2Mailbox::wait_until_nobody_works(Moment until) {
    std::unique_lock lock(mutex_);
    return nobody_works_.wait_until(lock, until, [&] { return working_ == 0; });
}

}  // namespace rockwatch::http
