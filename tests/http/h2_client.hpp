#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rockwatch::test {

using H2Fields = std::vector<std::pair<std::string, std::string>>;

/// An answer as it came over HTTP/2.
struct H2Reply {
    int status = 0;
    int informational = 0;  ///< the last 1xx that came before it
    H2Fields fields;
    std::string body;
    std::vector<std::string> pieces;  ///< the body's DATA frames
    bool is_whole = false;            ///< its end has come
    bool is_closed = false;           ///< so or by a reset
    std::uint32_t error_code = 0;     ///< of the reset

    std::string header(std::string_view name) const;
};

/// Fields of a request whose client breaks no rule.
H2Fields h2_request(const std::string& method, const std::string& path, const H2Fields& more = {});

/// A client of HTTP/2 by nghttp2, with prior knowledge. What the server may not rely on can be switched off.
/// Every wait ends after 20 s and fails the test.
class H2Client {
public:
    struct Options {
        bool reads_bodies = true;  ///< else windows are given back only by read_body()
        std::uint32_t window = 65'535;
    };

    explicit H2Client(int port) : H2Client(port, Options{}) {}
    H2Client(int port, const Options& options);
    ~H2Client();
    H2Client(const H2Client&) = delete;
    H2Client& operator=(const H2Client&) = delete;

    /// Opens a stream. `is_whole`: nothing follows `body`.
    std::int32_t request(const H2Fields& fields, std::string body = {}, bool is_whole = true);
    std::int32_t get(const std::string& path) { return request(h2_request("GET", path)); }
    std::int32_t post(const std::string& path, std::string body, const H2Fields& more = {});
    /// More of the body of a request that was not whole.
    void send_body(std::int32_t stream, std::string_view bytes, bool is_whole);
    void reset(std::int32_t stream, std::uint32_t code = NGHTTP2_CANCEL);
    /// From now on streams have windows of so many bytes, those that are open too:
    /// SETTINGS_INITIAL_WINDOW_SIZE.
    void set_window(std::uint32_t bytes);
    /// Gives the window of so many bytes back, for a client that does not read by itself.
    void consume(std::int32_t stream, std::size_t bytes);

    /// Waits for the stream's end, be it proper or a reset.
    H2Reply& wait_for(std::int32_t stream);
    /// Until `is_true`, or the connection's end.
    void wait_until(const std::function<bool()>& is_true);
    /// Until the server has closed the connection.
    void wait_for_end();
    H2Reply& reply(std::int32_t stream) { return replies_[stream]; }
    /// How much of a request's body the server's windows have let through.
    std::size_t sent(std::int32_t stream) { return bodies_[stream].at; }

    bool has_ended() const { return has_ended_; }
    /// By a reset.
    bool was_reset() const { return was_reset_; }
    /// Codes of the GOAWAYs that came.
    const std::vector<std::uint32_t>& goaways() const { return goaways_; }
    void close();

private:
    friend struct H2Callbacks;
    struct Body {
        std::string bytes;
        std::size_t at = 0;
        bool is_whole = true;
    };

    void flush();
    bool receive(int timeout_ms);

    int fd_;
    nghttp2_session* session_ = nullptr;
    std::map<std::int32_t, H2Reply> replies_;
    std::map<std::int32_t, Body> bodies_;
    std::vector<std::uint32_t> goaways_;
    std::string out_;
    bool has_ended_ = false;
    bool was_reset_ = false;
};

/// One frame as bytes, for what no well-made client sends.
std::string h2_frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload);
/// A block of fields, each a literal that nobody remembers.
std::string h2_block(const H2Fields& fields);
/// The preface and an empty SETTINGS frame.
std::string h2_hello();
/// A whole request without a body, as one HEADERS frame.
std::string h2_headers(std::uint32_t stream, const H2Fields& fields, bool is_whole = true);

struct H2Frame {
    std::uint8_t type = 0;
    std::uint8_t flags = 0;
    std::uint32_t stream = 0;
    std::string payload;

    /// Of RST_STREAM, or of GOAWAY.
    std::uint32_t error_code() const;
};
std::vector<H2Frame> h2_frames(std::string_view bytes);
/// What the DATA frames carry.
std::string h2_data(std::string_view bytes);
/// The error codes of the frames of that type.
std::vector<std::uint32_t> h2_codes(std::string_view bytes, std::uint8_t type);

}  // namespace rockwatch::test
