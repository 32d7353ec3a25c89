#include "deliveries/sender.hpp"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <stdexcept>

#include "core/error.hpp"
#include "deliveries/socket_stream.hpp"

namespace rockwatch::deliveries {

namespace {

constexpr std::size_t shown_answer_bytes = 256;

/// A name that no server answers for holds one of these for as long as the system's resolver tries.
constexpr std::size_t lookups_max = 4;

/// httplib's client without its sockets: writes a request to a stream of ours and reads the answer.
class PostClient : public httplib::ClientImpl {
public:
    PostClient(const std::string& host, int port) : ClientImpl(host, port) {
        set_url_encode(false);  // the target goes out as the user wrote it
        set_decompress(false);  // the limit counts bytes, not what they blow up to
    }

    bool exchange(httplib::Stream& stream, httplib::Request& request, httplib::Response& response) {
        httplib::Error error = httplib::Error::Success;
        return process_request(stream, request, response, true, error);
    }
};

/// What of an answer a person gets to see: short, printable, so that an answer can't smuggle anything.
std::string shown(std::string_view body) {
    std::string text;
    for (const char letter : body.substr(0, shown_answer_bytes)) {
        const auto byte = static_cast<unsigned char>(letter);
        text += byte >= 0x20 && byte < 0x7f ? std::string(1, letter) : fmt::format("\\x{:02x}", byte);
    }
    return text;
}

bool breaks_a_header(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char letter) {
        const auto byte = static_cast<unsigned char>(letter);
        return (byte < 0x20 && letter != '\t') || byte == 0x7f;
    });
}

SendResult refused(std::string why) { return {.error = std::move(why), .refused = true}; }

httplib::Request request_of(const OutgoingPost& post, const Url& url) {
    httplib::Request request;
    request.method = "POST";
    request.path = url.target;
    request.set_header("Host", url.authority());
    request.set_header("Accept-Encoding", "identity");  // newer httplibs ask for brotli when nothing is said
    for (const auto& [name, value] : post.headers) request.set_header(name, value);
    request.body = post.body;
    return request;
}

SendResult judged(const httplib::Response& response) {
    SendResult result{.status = response.status};
    if (response.status >= 200 && response.status < 300) return result;
    result.error = fmt::format("HTTP {}", response.status);
    if (!response.body.empty()) result.error += ": " + shown(response.body);
    return result;
}

}  // namespace

/// Made when the first delivery needs it: reading the system's certificates would take as long as the rest of
/// a start.
class HttpSender::Tls {
public:
    SSL_CTX* context() {
        std::call_once(made_, [this] {
            context_.reset(SSL_CTX_new(TLS_client_method()));
            ensure(context_ != nullptr, "OpenSSL has a context for a client");
            SSL_CTX_set_default_verify_paths(context_.get());
            SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
        });
        return context_.get();
    }

private:
    std::once_flag made_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
};

HttpSender::HttpSender(OutboundPolicy policy, SenderLimits limits, Resolver resolver)
    : policy_(std::move(policy)),
      limits_(limits),
      lookup_(std::move(resolver), lookups_max),
      cancelled_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      tls_(std::make_unique<Tls>()) {
    ensure(cancelled_ >= 0, "a sender has an eventfd");
    // OpenSSL writes with write(): a peer that has gone must be an error, not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
}

HttpSender::~HttpSender() { ::close(cancelled_); }

void HttpSender::cancel() {
    const std::uint64_t one = 1;
    if (::write(cancelled_, &one, sizeof one) < 0) throw BrokenPromise("an eventfd takes a number");
    lookup_.cancel();
}

Milliseconds HttpSender::connect_deadline(Milliseconds started) const {
    return started + std::min(limits_.connect, limits_.total);
}

std::unique_ptr<SocketStream> HttpSender::connect_to_one(const std::vector<Address>& addresses,
                                                         const Url& url, Milliseconds started) const {
    const StreamLimits limits{.deadline = started + limits_.total,
                              .read_bytes_max = limits_.answer_bytes_max,
                              .cancelled = cancelled_};
    for (std::size_t index = 0;; ++index) {
        try {
            return std::make_unique<SocketStream>(addresses[index], url.port, connect_deadline(started),
                                                  limits);
        } catch (const SendFailure&) {
            // localhost is often ::1 first, while the webhook listens on 127.0.0.1 alone.
            if (index + 1 == addresses.size()) throw;
        }
    }
}

SendResult HttpSender::send(const OutgoingPost& post) {
    std::string fault;
    const auto url = parse_url(post.url, &fault);
    if (!url) return refused(fault);
    if (auto refusal = host_refusal(policy_, *url)) return refused(std::move(*refusal));
    for (const auto& [name, value] : post.headers) {
        if (breaks_a_header(name) || breaks_a_header(value))
            return refused("a header has a line break in it");
    }
    const Milliseconds started = monotonic();
    try {
        const auto literal = parse_address(url->host);
        const auto addresses =
            literal ? std::vector{*literal} : lookup_.find(url->host, connect_deadline(started));
        if (addresses.empty()) return {.error = fmt::format("the host {} has no address", url->host)};
        for (const auto& address : addresses) {
            if (auto refusal = address_refusal(address)) return refused(std::move(*refusal));
        }
        const auto stream = connect_to_one(addresses, *url, started);
        if (url->scheme == "https") {
            const bool local = std::all_of(addresses.begin(), addresses.end(),
                                           [](const Address& one) { return is_loopback_host(one.text()); });
            stream->start_tls(tls_->context(), url->host, local ? "" : url->host);
        }
        httplib::Request request = request_of(post, *url);
        httplib::Response response;
        PostClient client(url->host, url->port);
        if (!client.exchange(*stream, request, response)) return {.error = "the answer is not HTTP"};
        return judged(response);
    } catch (const SendCancelled&) {
        return {.cancelled = true};
    } catch (const std::exception& error) {
        return {.error = error.what()};
    }
}

}  // namespace rockwatch::deliveries
