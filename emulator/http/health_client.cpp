#include "http/health_client.hpp"

#include <httplib.h>

#include <thread>

namespace rockwatch {

namespace {

bool is_healthy(const std::string& host, int port) {
    httplib::Client client(host, port);
    client.set_connection_timeout(std::chrono::seconds{2});
    client.set_read_timeout(std::chrono::seconds{2});
    const auto answer = client.Get("/_rockwatch/health");
    return answer && answer->status == 200;
}

}  // namespace

bool wait_for_health(const std::string& host, const std::function<std::optional<int>()>& port,
                     std::chrono::seconds patience) {
    constexpr auto pause = std::chrono::milliseconds{50};
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        const auto known = port();
        if (known && is_healthy(host, *known)) return true;
        if (std::chrono::steady_clock::now() + pause > deadline) return false;
        std::this_thread::sleep_for(pause);
    }
}

}  // namespace rockwatch
