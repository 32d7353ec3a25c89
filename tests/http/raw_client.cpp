#include "raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "core/text.hpp"
#include "support/catch.hpp"

namespace rockwatch::test {

namespace {

constexpr int patience_seconds = 20;

}  // namespace

std::string RawReply::header(std::string_view name) const {
    std::string found;
    for (const auto line : split(head, '\n')) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || !equal_ignoring_case(line.substr(0, colon), name)) continue;
        std::string_view value = line.substr(colon + 2);
        value.remove_suffix(value.ends_with('\r') ? 1 : 0);
        found += (found.empty() ? "" : " | ") + std::string(value);
    }
    return found;
}

RawClient::RawClient(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    const timeval patience{.tv_sec = patience_seconds, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const int one = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

RawClient::~RawClient() { close(); }

void RawClient::close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void RawClient::end_output() const { shutdown(fd_, SHUT_WR); }

void RawClient::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;  // the server has had enough; what it said can still be read
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void RawClient::request(std::string_view method, std::string_view target, std::string_view body,
                        std::string_view headers) const {
    std::string bytes = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" +
                        std::string(headers);
    if (!body.empty()) bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    send(bytes + "\r\n" + std::string(body));
}

bool RawClient::fill() {
    char buffer[65536];
    const ssize_t count = recv(fd_, buffer, sizeof buffer, 0);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        FAIL("nothing came in " << patience_seconds << " s");
    was_reset_ = count < 0 && errno == ECONNRESET;
    if (count <= 0) return false;
    input_.append(buffer, static_cast<std::size_t>(count));
    return true;
}

std::string RawClient::read(std::size_t size) {
    while (input_.size() < size && fill()) {
    }
    std::string bytes = input_.substr(0, size);
    input_.erase(0, bytes.size());
    return bytes;
}

std::string RawClient::read_to_end() {
    while (fill()) {
    }
    return std::exchange(input_, {});
}

std::string RawClient::read_until(std::string_view text) {
    std::size_t at = std::string::npos;
    while ((at = input_.find(text)) == std::string::npos && fill()) {
    }
    return read(at == std::string::npos ? input_.size() : at + text.size());
}

RawReply RawClient::read_reply(bool is_head) {
    RawReply reply;
    std::string line;
    do {
        line = read_until("\r\n");
        reply.head += line;
    } while (line.size() > 2);
    if (line != "\r\n") return reply;
    if (reply.head.size() > 12) reply.status = std::stoi(reply.head.substr(9, 3));
    const bool has_body = !is_head && reply.status >= 200 && reply.status != 204 && reply.status != 304;
    if (has_body && reply.header("Transfer-Encoding") == "chunked") {
        for (;;) {
            const std::string size = read_until("\r\n");
            if (!size.ends_with("\r\n")) return reply;
            const std::size_t length = std::stoul(size, nullptr, 16);
            const std::string chunk = read(length + 2);
            if (chunk.size() != length + 2) return reply;
            if (length == 0) break;
            reply.chunks.push_back(chunk.substr(0, length));
            reply.body += reply.chunks.back();
        }
    } else if (has_body && !reply.header("Content-Length").empty()) {
        const std::size_t length = std::stoul(reply.header("Content-Length"));
        reply.body = read(length);
        if (reply.body.size() != length) return reply;
    } else if (has_body) {
        reply.body = read_to_end();
    }
    reply.is_whole = true;
    return reply;
}

void Count::add() {
    const std::lock_guard lock(mutex_);
    ++number_;
    changed_.notify_all();
}

bool Count::wait_for(int number) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(patience_seconds), [&] { return number_ >= number; });
}

int Count::number() {
    const std::lock_guard lock(mutex_);
    return number_;
}

FrontOptions test_options() {
    FrontOptions options;
    options.host = "127.0.0.1";
    options.port = 0;
    return options;
}

bool eventually(const std::function<bool()>& is_true) {
    constexpr std::chrono::seconds patience{20};
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!is_true()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

HttpReply echo(HttpRequest& request) {
    HttpReply reply;
    reply.headers.add("Content-Type", "text/plain");
    reply.body = request.method + " " + request.target + " " + request.read_body();
    return reply;
}

FakeHandler::Answer holding(Count& held) {
    return [&held](HttpRequest& request) {
        constexpr Milliseconds far{3'600'000};
        HttpReply reply = echo(request);
        if (request.path() != "/hold") return reply;
        reply.due = far;
        held.add();
        return reply;
    };
}

void FakeSource::put(const std::string& bytes) {
    const std::lock_guard lock(mutex_);
    bytes_ += bytes;
    if (ring_) ring_();
}

void FakeSource::end() {
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    if (ring_) ring_();
}

std::string FakeSource::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(bytes_, {});
}

bool FakeSource::has_ended() const {
    const std::lock_guard lock(mutex_);
    return has_ended_;
}

void FakeSource::on_news(std::function<void()> ring) {
    const std::lock_guard lock(mutex_);
    ring_ = std::move(ring);
}

bool FakeSource::is_heard() const {
    const std::lock_guard lock(mutex_);
    return static_cast<bool>(ring_);
}

HttpReply live_reply(std::shared_ptr<LiveSource> source) {
    HttpReply reply;
    reply.headers.add("Content-Type", "text/event-stream");
    reply.streamed = true;
    reply.live = std::move(source);
    return reply;
}

}  // namespace rockwatch::test
