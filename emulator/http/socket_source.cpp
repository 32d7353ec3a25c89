#include "http/socket_source.hpp"

#include "core/waiting.hpp"

namespace rockwatch::http {

bool SocketSource::fill() {
    for (;;) {
        const std::size_t before = connection_.unread().size();
        switch (connection_.receive()) {
            case Connection::Received::bytes:
                rate_.received(connection_.unread().size() - before);
                return true;
            case Connection::Received::end:
                return false;
            case Connection::Received::nothing:
                break;
        }
        if (!is_patient_) return false;
        wait();
    }
}

void SocketSource::wait() {
    const Waiting waiting;
    const Moment began = std::chrono::steady_clock::now();
    connection_.wait_readable(began + rate_.patience());
    rate_.waited(std::chrono::steady_clock::now() - began);
}

}  // namespace rockwatch::http
