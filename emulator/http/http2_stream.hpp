#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "http/http2_mailbox.hpp"
#include "http/http2_output.hpp"
#include "http/shared.hpp"

namespace rockwatch::http {

class Http2Session;

/// What stands between a session, which the loop's thread alone touches, and the worker that answers one of
/// its requests: the request's body on its way in, the answer on its way out, and what either side has to
/// know of the other. Held by both, since a client may leave while a handler computes, and a handler may end
/// while its answer is still being sent.
class Http2Stream : public std::enable_shared_from_this<Http2Stream> {
public:
    /// How much of an answer waits for the client's window. A worker with more waits until there is room.
    static constexpr std::size_t output_bytes_max = 64 * 1024;

    enum class Finish {
        proper,
        broken,  ///< what has been written is sent, and a reset in place of the end
        reset,   ///< the same, and of the whole connection where the stream is alone on it
    };

    struct AnswerHead {
        int status = 200;
        Headers headers;  ///< finished: names in lower case
        bool has_body = true;
    };

    Http2Stream(std::int32_t id, Http2Mailbox& mailbox, Shared& shared)
        : id_(id), mailbox_(mailbox), budget_(shared.bodies) {}
    ~Http2Stream();
    Http2Stream(const Http2Stream&) = delete;
    Http2Stream& operator=(const Http2Stream&) = delete;

    std::int32_t id() const { return id_; }
    /// Of the loop's thread alone: whom a letter about this stream is for. Null once the session has closed
    /// it.
    Http2Session* session = nullptr;

    // What the loop's thread calls.

    /// Counts what the request holds in memory. False when that is too much.
    bool charge(std::size_t bytes);
    /// A part of the body.
    void deliver(std::string_view bytes);
    void end_input();
    /// The client has reset the stream or gone: whoever waits wakes up, and what has not begun never does.
    void abandon();
    /// The server stops: what has not begun never does (true), and nothing is held any longer.
    bool begin_stop();

    struct News {
        std::size_t consumed = 0;  ///< bytes of the body that the worker has taken since the last look
        bool wants_continue = false;
        std::optional<AnswerHead> head;
        bool is_broken = false;  ///< ends without a head
        bool is_reset = false;
    };
    News take_news();

    enum class Output { some, none_yet, last, broken };
    /// Moves at most `size` bytes of the answer to `buffer`.
    Output take_output(char* buffer, std::size_t size, std::size_t& taken);

    // What the worker calls.

    /// False when nobody waits for an answer any more.
    bool begin();

    enum class Input {
        bytes,
        end,
        gone,
        refused,  ///< there is no memory for it
        nothing_yet,
    };
    /// Waits until there is a part of the body, and puts it in place of `input`.
    Input wait_for_input(std::string& input, Moment until);
    void send_continue();

    /// Waits until `due`, unless the client leaves or the server stops.
    Connection::Woken wait_until(Moment due);
    /// The same, and until ring() is called, or was since the last wait.
    Connection::Woken wait_for_ring(Moment due);
    void ring();

    void write_head(AnswerHead head);
    /// Appends to the answer, waiting for room. False when the client has gone.
    bool write(std::string_view bytes);
    bool is_gone();
    /// Waits until all that has been written is sent. False when the client has gone.
    bool wait_until_sent();
    /// Only the first one counts.
    void finish(Finish how);
    /// The loop's thread learns what is new.
    void tell();

private:
    const std::int32_t id_;
    Http2Mailbox& mailbox_;
    Budget& budget_;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool has_begun_ = false;
    bool is_gone_ = false;
    bool is_stopping_ = false;
    bool is_told_ = false;  ///< a letter is on its way
    bool is_rung_ = false;

    std::string input_;
    bool has_input_ended_ = false;
    bool is_input_refused_ = false;
    std::size_t charged_ = 0;  ///< to the budget: head and input
    News news_;

    bool has_head_ = false;
    Http2Output output_;
    std::optional<Finish> finish_;
};

}  // namespace rockwatch::http
