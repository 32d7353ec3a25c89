#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/message.hpp"

namespace rockwatch::http {

/// Source: threats.md, section 3.
struct HeadLimits {
    std::size_t head_bytes_max = 64 * 1024;
    std::size_t line_bytes_max = 16 * 1024;  ///< of the request line
    std::size_t headers_max = 128;
    std::size_t name_bytes_max = 256;
};

/// How the end of a body is found.
enum class Framing {
    none,
    length,
    chunked,
    stream,  ///< HTTP/2: the body ends where its stream does
};

/// The head of a request that breaks no rule.
struct Head {
    std::string method;
    std::string target;  ///< origin form, or * of OPTIONS
    Headers headers;
    bool is_http_1_0 = false;
    Framing framing = Framing::none;
    std::uint64_t content_length = 0;
    bool keeps_alive = true;
    bool expects_continue = false;
};

/// Why a head is refused. After each of these the connection is closed: nobody knows where the next request
/// is.
struct HeadFault {
    int status = 400;  ///< 400, 414, 417 or 431
    std::string message;
};

/// Reads one HTTP/1 head as its bytes come in; whether they come at once or one by one changes nothing.
/// Stricter than RFC 9112 wherever two readers could disagree about where a request ends. Knows no socket.
class HeadReader {
public:
    enum class State { incomplete, complete, broken };

    explicit HeadReader(const HeadLimits& limits = {}) : limits_(limits) {}

    /// `received`: all bytes from the request's first one on, and never fewer than at the last call.
    State read(std::string_view received);

    State state() const { return state_; }
    /// Where the body begins. Holds once the head is complete.
    std::size_t size() const { return line_start_; }
    Head take() { return std::move(head_); }
    const HeadFault& fault() const { return fault_; }
    /// Of the request: empty until its line has been read, and as far as it goes when that is too long. Holds
    /// until take().
    const std::string& target() const { return head_.target; }

private:
    void take_line(std::string_view line);
    void take_request_line(std::string_view line);
    bool take_target(std::string_view target);
    void take_field(std::string_view line);
    bool is_clean(std::string_view line);
    void finish();
    bool take_host(std::string_view value);
    bool take_content_length(std::string_view value);
    bool take_transfer_encoding(std::string_view value);
    void take_connection(std::string_view value);
    bool take_special(std::string_view name, std::string_view value);
    bool fail(int status, std::string message);

    HeadLimits limits_;
    State state_ = State::incomplete;
    Head head_;
    HeadFault fault_;
    std::size_t line_start_ = 0;
    std::size_t clean_ = 0;  ///< how far bytes have been looked at
    bool has_request_line_ = false;
    bool has_skipped_line_ = false;
    std::string authority_;  ///< of an absolute-form target
    std::string host_;
    std::size_t hosts_ = 0;
    std::size_t lengths_ = 0;
    std::size_t encodings_ = 0;
    bool says_close_ = false;
    bool says_keep_alive_ = false;
};

}  // namespace rockwatch::http
