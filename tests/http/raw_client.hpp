#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "http/front.hpp"

namespace rockwatch::test {

/// An answer as it came over the wire.
struct RawReply {
    int status = 0;
    std::string head;
    std::string body;  ///< freed of chunks
    std::vector<std::string> chunks;
    bool is_whole = false;  ///< false: the connection ended before the answer did

    std::string header(std::string_view name) const;
};

/// A client that sends just the bytes it is given. Reads block; a read of 20 s fails the test.
class RawClient {
public:
    explicit RawClient(int port);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    void send(std::string_view bytes) const;
    /// Sends a request of `method` to `target` with Host and, if there is a body, its length.
    void request(std::string_view method, std::string_view target, std::string_view body = {},
                 std::string_view headers = {}) const;

    /// `is_head`: the answer to HEAD has no body.
    RawReply read_reply(bool is_head = false);
    /// Reads just so many bytes, or fewer at the end.
    std::string read(std::size_t size);
    /// Everything up to and with `text`, or all there is.
    std::string read_until(std::string_view text);
    /// Everything until the end of the connection.
    std::string read_to_end();
    /// True when the last read ended with a reset.
    bool was_reset() const { return was_reset_; }
    /// Says that nothing more will be sent.
    void end_output() const;
    void close();

private:
    bool fill();

    int fd_;
    std::string input_;
    bool was_reset_ = false;
};

/// Answers as a test says.
class FakeHandler : public Handler {
public:
    using Answer = std::function<HttpReply(HttpRequest&)>;
    explicit FakeHandler(Answer answer) : answer_(std::move(answer)) {}
    HttpReply answer(HttpRequest& request) override { return answer_(request); }
    std::optional<HttpReply> turn_away(const HttpRequest& request, int status,
                                       std::string_view message) override {
        if (!on_turn_away) return std::nullopt;
        return on_turn_away(request, status, message);
    }

    std::function<HttpReply(const HttpRequest&, int, std::string_view)> on_turn_away;

private:
    Answer answer_;
};

/// Something that happens a number of times and can be waited for.
class Count {
public:
    void add();
    /// False when 20 s pass first.
    bool wait_for(int number);
    int number();

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int number_ = 0;
};

/// Loopback, a free port, and limits of their usual size.
FrontOptions test_options();

/// A front with a handler of the test's own, started.
struct TestFront {
    explicit TestFront(FakeHandler::Answer answer, FrontOptions options = test_options())
        : handler(std::move(answer)), front(std::move(options), handler) {
        front.start();
    }
    int port() const { return front.port(); }

    FakeHandler handler;
    Front front;
};

/// A live answer that a test fills.
class FakeSource : public LiveSource {
public:
    void put(const std::string& bytes);
    void end();

    std::string take() override;
    bool has_ended() const override;
    void on_news(std::function<void()> ring) override;
    std::string sign_of_life() const override { return "alive "; }
    /// Whether an exchange listens to it.
    bool is_heard() const;

private:
    mutable std::mutex mutex_;
    std::string bytes_;
    bool has_ended_ = false;
    std::function<void()> ring_;
};

/// 200 and what the source has.
HttpReply live_reply(std::shared_ptr<LiveSource> source);

/// Asks again and again. False when it has not become true in 20 s.
bool eventually(const std::function<bool()>& is_true);

/// 200 with the request's target, and its body.
HttpReply echo(HttpRequest& request);

/// Holds a call on /hold until the client leaves or the server stops; echoes the others.
FakeHandler::Answer holding(Count& held);

}  // namespace rockwatch::test
