#include "h2_client.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "support/catch.hpp"

namespace rockwatch::test {

namespace {

constexpr std::chrono::seconds patience{20};

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint32_t number = 0;
    for (std::size_t index = at; index < at + size && index < bytes.size(); ++index)
        number = number << 8U | static_cast<std::uint8_t>(bytes[index]);
    return number;
}

}  // namespace

struct H2Callbacks {
    static H2Client& client_of(void* user_data) { return *static_cast<H2Client*>(user_data); }

    static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                         std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                         std::uint8_t, void* user_data) {
        H2Reply& reply = client_of(user_data).replies_[frame->hd.stream_id];
        if (text_of(name, name_size) == ":status") {
            if (reply.status >= 100 && reply.status < 200) reply.informational = reply.status;
            reply.status = std::stoi(std::string(text_of(value, value_size)));
        } else {
            reply.fields.emplace_back(text_of(name, name_size), text_of(value, value_size));
        }
        return 0;
    }
    static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                       std::size_t size, void* user_data) {
        H2Reply& reply = client_of(user_data).replies_[id];
        reply.body += text_of(bytes, size);
        reply.pieces.emplace_back(text_of(bytes, size));
        return 0;
    }
    static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
        H2Client& client = client_of(user_data);
        if (frame->hd.type == NGHTTP2_GOAWAY) client.goaways_.push_back(frame->goaway.error_code);
        const bool may_end = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
        if (may_end && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
            client.replies_[frame->hd.stream_id].is_whole = true;
        return 0;
    }
    static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t code, void* user_data) {
        H2Reply& reply = client_of(user_data).replies_[id];
        reply.is_closed = true;
        reply.error_code = code;
        return 0;
    }
    static ssize_t read_body(nghttp2_session*, std::int32_t id, std::uint8_t* buffer, std::size_t size,
                             std::uint32_t* flags, nghttp2_data_source*, void* user_data) {
        H2Client::Body& body = client_of(user_data).bodies_[id];
        const std::size_t count = std::min(size, body.bytes.size() - body.at);
        std::copy_n(body.bytes.data() + body.at, count, buffer);
        body.at += count;
        const bool is_empty = body.at == body.bytes.size();
        if (is_empty && body.is_whole) *flags |= NGHTTP2_DATA_FLAG_EOF;
        return count == 0 && !body.is_whole ? ssize_t{NGHTTP2_ERR_DEFERRED} : static_cast<ssize_t>(count);
    }
};

std::string H2Reply::header(std::string_view name) const {
    std::string found;
    for (const auto& [field, value] : fields) {
        if (field == name) found += (found.empty() ? "" : " | ") + value;
    }
    return found;
}

H2Fields h2_request(const std::string& method, const std::string& path, const H2Fields& more) {
    H2Fields fields{{":method", method}, {":scheme", "http"}, {":authority", "localhost"}, {":path", path}};
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
}

H2Client::H2Client(int port, const Options& options) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    const int one = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);

    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, H2Callbacks::on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, H2Callbacks::on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, H2Callbacks::on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, H2Callbacks::on_close);
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, options.reads_bodies ? 0 : 1);
    nghttp2_option_set_peer_max_concurrent_streams(option, 10'000);
    nghttp2_session_client_new2(&session_, callbacks, this, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    set_window(options.window);
    if (!options.reads_bodies) nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, 1 << 24);
    flush();
}

H2Client::~H2Client() {
    close();
    nghttp2_session_del(session_);
}

void H2Client::close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    has_ended_ = true;
}

std::int32_t H2Client::request(const H2Fields& fields, std::string body, bool is_whole) {
    std::vector<nghttp2_nv> pairs;
    for (const auto& [name, value] : fields) {
        pairs.push_back({.name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                         .value = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())),
                         .namelen = name.size(),
                         .valuelen = value.size(),
                         .flags = NGHTTP2_NV_FLAG_NONE});
    }
    nghttp2_data_provider provider{};
    provider.read_callback = H2Callbacks::read_body;
    const bool has_body = !body.empty() || !is_whole;
    const std::int32_t id = nghttp2_submit_request(session_, nullptr, pairs.data(), pairs.size(),
                                                   has_body ? &provider : nullptr, nullptr);
    REQUIRE(id > 0);
    bodies_[id] = {.bytes = std::move(body), .is_whole = is_whole};
    flush();
    return id;
}

std::int32_t H2Client::post(const std::string& path, std::string body, const H2Fields& more) {
    H2Fields fields = h2_request("POST", path, more);
    fields.emplace_back("content-length", std::to_string(body.size()));
    return request(fields, std::move(body));
}

void H2Client::send_body(std::int32_t stream, std::string_view bytes, bool is_whole) {
    bodies_[stream].bytes += bytes;
    bodies_[stream].is_whole = is_whole;
    nghttp2_session_resume_data(session_, stream);
    flush();
}

void H2Client::reset(std::int32_t stream, std::uint32_t code) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, code);
    flush();
}

void H2Client::set_window(std::uint32_t bytes) {
    const nghttp2_settings_entry window{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, bytes};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &window, 1);
    flush();
}

void H2Client::consume(std::int32_t stream, std::size_t bytes) {
    nghttp2_session_consume(session_, stream, bytes);
    flush();
}

/// Sends what the socket takes at once.
void H2Client::flush() {
    if (has_ended_) return;
    for (;;) {
        const std::uint8_t* bytes = nullptr;
        const ssize_t count = out_.size() < 65'536 ? nghttp2_session_mem_send(session_, &bytes) : 0;
        if (count > 0) out_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
        if (out_.empty()) return;
        const ssize_t sent = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent <= 0) return;  // what the server said can still be read
        out_.erase(0, static_cast<std::size_t>(sent));
    }
}

/// False when nothing came in time, or the connection has ended.
bool H2Client::receive(int timeout_ms) {
    if (has_ended_) return false;
    flush();
    pollfd entry{.fd = fd_, .events = POLLIN, .revents = 0};
    if (!out_.empty()) entry.events |= POLLOUT;
    if (poll(&entry, 1, timeout_ms) <= 0) return false;
    if ((entry.revents & ~POLLOUT) == 0) return true;
    std::uint8_t buffer[65536];
    const ssize_t count = recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (count <= 0) {
        was_reset_ = count < 0 && errno == ECONNRESET;
        has_ended_ = true;
        return false;
    }
    REQUIRE(nghttp2_session_mem_recv(session_, buffer, static_cast<std::size_t>(count)) >= 0);
    flush();
    return true;
}

void H2Client::wait_until(const std::function<bool()>& is_true) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!is_true() && !has_ended_) {
        receive(1000);
        if (std::chrono::steady_clock::now() >= deadline) FAIL("what was waited for did not come in 20 s");
    }
}

H2Reply& H2Client::wait_for(std::int32_t stream) {
    wait_until([&] { return replies_[stream].is_closed; });
    return replies_[stream];
}

void H2Client::wait_for_end() {
    wait_until([&] { return has_ended_; });
}

std::string h2_frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
    std::string bytes;
    const auto size = static_cast<std::uint32_t>(payload.size());
    for (const unsigned shift : {16U, 8U, 0U}) bytes += static_cast<char>(size >> shift & 0xffU);
    bytes += static_cast<char>(type);
    bytes += static_cast<char>(flags);
    for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(stream >> shift & 0xffU);
    return bytes + std::string(payload);
}

std::string h2_block(const H2Fields& fields) {
    const auto text = [](const std::string& value) {
        // RFC 7541 5.1: what does not fit in the seven bits of the prefix follows in groups of seven.
        constexpr std::size_t prefix_max = 127;
        if (value.size() < prefix_max) return static_cast<char>(value.size()) + value;
        std::string bytes(1, static_cast<char>(prefix_max));
        std::size_t left = value.size() - prefix_max;
        for (; left >= 128; left /= 128) bytes += static_cast<char>(left % 128 + 128);
        return bytes + static_cast<char>(left) + value;
    };
    std::string block;
    for (const auto& [name, value] : fields) block += '\0' + text(name) + text(value);
    return block;
}

std::string h2_hello() { return NGHTTP2_CLIENT_MAGIC + h2_frame(NGHTTP2_SETTINGS, 0, 0, {}); }

std::string h2_headers(std::uint32_t stream, const H2Fields& fields, bool is_whole) {
    const int flags = NGHTTP2_FLAG_END_HEADERS | (is_whole ? NGHTTP2_FLAG_END_STREAM : 0);
    return h2_frame(NGHTTP2_HEADERS, static_cast<std::uint8_t>(flags), stream, h2_block(fields));
}

std::uint32_t H2Frame::error_code() const { return number_at(payload, type == NGHTTP2_GOAWAY ? 4 : 0, 4); }

std::vector<H2Frame> h2_frames(std::string_view bytes) {
    constexpr std::size_t head_size = 9;
    std::vector<H2Frame> frames;
    while (bytes.size() >= head_size) {
        const std::size_t size = number_at(bytes, 0, 3);
        frames.push_back({.type = static_cast<std::uint8_t>(bytes[3]),
                          .flags = static_cast<std::uint8_t>(bytes[4]),
                          .stream = number_at(bytes, 5, 4),
                          .payload = std::string(bytes.substr(head_size, size))});
        bytes.remove_prefix(std::min(bytes.size(), head_size + size));
    }
    return frames;
}

std::string h2_data(std::string_view bytes) {
    std::string all;
    for (const auto& frame : h2_frames(bytes)) {
        if (frame.type == NGHTTP2_DATA) all += frame.payload;
    }
    return all;
}

std::vector<std::uint32_t> h2_codes(std::string_view bytes, std::uint8_t type) {
    std::vector<std::uint32_t> codes;
    for (const auto& frame : h2_frames(bytes)) {
        if (frame.type == type) codes.push_back(frame.error_code());
    }
    return codes;
}

}  // namespace rockwatch::test
