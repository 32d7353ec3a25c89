#include "http/body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

#include "core/text.hpp"
#include "http/inflate.hpp"

namespace rockwatch::http {

namespace {

BodyError ended_early() { return {400, "The body ended before its announced end."}; }

BodyError too_long(std::uint64_t bytes_max) {
    return {413, fmt::format("The body is longer than {} bytes (--max-body).", bytes_max)};
}

}  // namespace

WireBody::WireBody(Framing framing, std::uint64_t content_length, ByteSource& source,
                   const BodyLimits& limits)
    : framing_(framing),
      left_(framing == Framing::length   ? content_length
            : framing == Framing::stream ? std::numeric_limits<std::uint64_t>::max()
                                         : 0),
      is_finished_(framing == Framing::none || (framing == Framing::length && content_length == 0)),
      source_(source),
      limits_(limits) {}

std::size_t WireBody::read(char* buffer, std::size_t size) {
    if (is_finished_ || size == 0) return 0;
    if (framing_ == Framing::chunked && left_ == 0) begin_chunk();
    if (is_finished_) return 0;
    if (source_.peek().empty() && !source_.fill()) {
        if (framing_ != Framing::stream) throw ended_early();
        is_finished_ = true;
        return 0;
    }
    const auto at_hand = source_.peek();
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>({size, left_, at_hand.size()}));
    std::memcpy(buffer, at_hand.data(), count);
    if (tap_) tap_({buffer, count});
    source_.consume(count);
    left_ -= count;
    taken_ += count;
    if (taken_ > limits_.body_bytes_max) throw too_long(limits_.body_bytes_max);
    if (left_ == 0 && framing_ == Framing::length) is_finished_ = true;
    if (left_ == 0 && framing_ == Framing::chunked) end_chunk();
    return count;
}

/// One line of the chunked framing, without its end. Valid until the next call.
std::string_view WireBody::line(std::size_t bytes_max, const char* what) {
    line_.clear();
    for (;;) {
        if (source_.peek().empty() && !source_.fill()) throw ended_early();
        const auto at_hand = source_.peek();
        const auto end = at_hand.find('\n');
        const auto count = std::min(end == std::string_view::npos ? at_hand.size() : end + 1, bytes_max + 3);
        line_ += at_hand.substr(0, count);
        source_.consume(count);
        if (line_.ends_with('\n')) break;
        if (line_.size() > bytes_max + 2) throw BodyError(400, fmt::format("{} is too long.", what));
    }
    if (!line_.ends_with("\r\n")) throw BodyError(400, fmt::format("{} ends with a bare line feed.", what));
    line_.resize(line_.size() - 2);
    const auto is_control = [](char letter) {
        const auto byte = static_cast<unsigned char>(letter);
        return (byte < 0x20 && byte != '\t') || byte == 0x7f;
    };
    if (line_.size() > bytes_max || std::any_of(line_.begin(), line_.end(), is_control)) {
        throw BodyError(400, fmt::format("{} is too long or has a control character.", what));
    }
    return line_;
}

void WireBody::begin_chunk() {
    constexpr std::size_t digits_max = 16;
    const auto head = line(digits_max + limits_.chunk_extension_bytes_max, "A chunk's size line");
    const auto digits = head.substr(0, std::min(head.find(';'), head.size()));
    const auto is_hex = [](char digit) {
        return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f') ||
               (digit >= 'A' && digit <= 'F');
    };
    const bool is_size =
        !digits.empty() && digits.size() <= digits_max && std::all_of(digits.begin(), digits.end(), is_hex);
    if (!is_size) throw BodyError(400, "A chunk's size is not 1 to 16 hexadecimal digits.");
    if (head.size() - digits.size() > limits_.chunk_extension_bytes_max) {
        throw BodyError(400, "A chunk's extension is too long.");
    }
    std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
    // left_ may be near 2^64: compared with what is left of the limit, never added to.
    if (left_ > limits_.body_bytes_max - std::min(taken_, limits_.body_bytes_max))
        throw too_long(limits_.body_bytes_max);
    if (left_ == 0) skip_trailers();
}

void WireBody::end_chunk() {
    if (!line(0, "A chunk's end").empty()) throw BodyError(400, "A chunk is longer than its size.");
}

/// Trailers are read and forgotten: no AWS client sends one that means anything (aws-chunked has its own).
void WireBody::skip_trailers() {
    std::size_t bytes_left = limits_.trailer_bytes_max;
    for (;;) {
        const auto trailer = line(bytes_left, "The trailer");
        if (trailer.empty()) break;
        if (trailer.find(':') == std::string_view::npos) throw BodyError(400, "A trailer has no colon.");
        bytes_left -= trailer.size();
    }
    is_finished_ = true;
}

Coding coding_of(std::string_view content_encoding) {
    Coding coding = Coding::plain;
    std::size_t codings = 0;
    for (const auto part : split(content_encoding, ',')) {
        const auto name = trim(part);
        if (equal_ignoring_case(name, "aws-chunked")) return Coding::plain;
        if (name.empty() || equal_ignoring_case(name, "identity")) continue;
        const bool is_known = equal_ignoring_case(name, "gzip") || equal_ignoring_case(name, "x-gzip") ||
                              equal_ignoring_case(name, "deflate");
        coding = is_known && ++codings == 1 ? Coding::compressed : Coding::unknown;
        if (coding == Coding::unknown) return coding;
    }
    return coding;
}

RequestBody::RequestBody(const Head& head, Coding coding, ByteSource& source, const BodyLimits& limits,
                         Budget& budget, std::function<void()> on_first_read)
    : limits_(limits),
      budget_(budget),
      coding_(coding),
      wire_(head.framing, head.content_length, source, limits),
      on_first_read_(std::move(on_first_read)),
      content_length_(head.content_length) {}

RequestBody::~RequestBody() { budget_.give_back(budgeted_); }

std::size_t RequestBody::read(char* buffer, std::size_t size) {
    if (is_broken_) throw BodyError(400, "The body is broken.");
    is_broken_ = true;  // unless what follows returns
    if (coding_ == Coding::unknown)
        throw BodyError(415, "The emulator inflates gzip and deflate, no other Content-Encoding.");
    if (content_length_ > limits_.body_bytes_max) throw too_long(limits_.body_bytes_max);
    if (on_first_read_) std::exchange(on_first_read_, nullptr)();
    const std::size_t count = read_decoded(buffer, size);
    delivered_ += count;
    if (delivered_ > limits_.body_bytes_max) throw too_long(limits_.body_bytes_max);
    if (!budget_.take(count)) throw BodyError(503, "Too many request bodies are in memory; try again.");
    budgeted_ += count;
    is_broken_ = false;
    return count;
}

std::size_t RequestBody::read_decoded(char* buffer, std::size_t size) {
    if (coding_ != Coding::compressed) return wire_.read(buffer, size);
    if (!inflater_) inflater_ = std::make_unique<Inflater>(limits_);
    return inflater_->read(wire_, buffer, size);
}

bool RequestBody::drain(std::size_t bytes_max) {
    if (is_broken_) return false;
    if (wire_.is_finished()) return true;
    if (on_first_read_) return false;  // nobody has told the client to send it
    char buffer[4096];
    try {
        std::size_t drained = 0;
        while (const std::size_t count = wire_.read(buffer, sizeof buffer)) {
            drained += count;
            if (drained > bytes_max) return false;
        }
        return true;
    } catch (const BodyError&) {
        return false;
    }
}

}  // namespace rockwatch::http
