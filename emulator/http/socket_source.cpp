#include "http/socket_source.hpp"

namespace rockwatch::http {

bool SocketSource::fill() {
    for (;;) {
        const std::size_t before = connection_.unread().size();
        switch (connection_.receive()) {
            case Connection::Received::bytes:
                received_ += connection_.unread().size() - before;
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
    const WaitingWorker waiting(workers_);
    const Moment began = std::chrono::steady_clock::now();
    connection_.wait_readable(began + (window_ - waited_));
    waited_ += std::chrono::steady_clock::now() - began;
    if (waited_ < window_) return;
    const auto seconds = std::chrono::duration<double>(options_.body_window).count();
    if (static_cast<double>(received_) < seconds * static_cast<double>(options_.body_rate_min)) {
        throw BodyError(408, "The request's body comes in too slowly.");
    }
    window_ = options_.body_window;
    waited_ = Moment::duration::zero();
    received_ = 0;
}

}  // namespace rockwatch::http
