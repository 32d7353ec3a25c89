#include "http/inflate.hpp"

#include <fmt/format.h>

namespace rockwatch::http {

namespace {

BodyError not_compressed() { return {400, "The body is not compressed as its Content-Encoding says."}; }

}  // namespace

Inflater::~Inflater() {
    if (is_open_) inflateEnd(&stream_);
}

bool Inflater::refill(WireBody& wire) {
    const std::size_t count = wire.read(input_.data(), input_.size());
    compressed_ += count;
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(count);
    return count > 0;
}

/// Which of the three formats it is shows in the first byte: some senders of "deflate" leave the zlib header
/// out.
void Inflater::begin(WireBody& wire) {
    if (!refill(wire)) {
        has_ended_ = true;  // an empty body, as a client sends that compresses nothing
        return;
    }
    const auto first = static_cast<unsigned char>(input_[0]);
    constexpr unsigned char gzip_magic = 0x1f;
    constexpr unsigned method_mask = 0x0f;
    is_gzip_ = first == gzip_magic;
    const bool is_raw = !is_gzip_ && (first & method_mask) != Z_DEFLATED;
    constexpr int any_header = 32;
    if (inflateInit2(&stream_, is_raw ? -MAX_WBITS : any_header + MAX_WBITS) != Z_OK) throw std::bad_alloc();
    is_open_ = true;
}

bool Inflater::is_next_member() { return is_gzip_ && stream_.avail_in > 0 && inflateReset(&stream_) == Z_OK; }

std::size_t Inflater::read(WireBody& wire, char* buffer, std::size_t size) {
    if (!is_open_ && !has_ended_) begin(wire);
    stream_.next_out = reinterpret_cast<Bytef*>(buffer);
    stream_.avail_out = static_cast<uInt>(size);
    while (!has_ended_ && stream_.avail_out == size) {
        // Asked before more is taken off the wire: what did not fit into the last buffer, the end among it,
        // may stand in zlib's own memory.
        const int result = inflate(&stream_, Z_NO_FLUSH);
        if (result == Z_BUF_ERROR && stream_.avail_in == 0) {
            if (!refill(wire)) throw BodyError(400, "The compressed body ends early.");
        } else if (result == Z_STREAM_END) {
            const bool goes_on = (stream_.avail_in > 0 || refill(wire));
            has_ended_ = !goes_on;
            if (goes_on && !is_next_member()) throw not_compressed();
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            throw not_compressed();
        }
    }
    const std::size_t count = size - stream_.avail_out;
    inflated_ += count;
    const std::uint64_t consumed = compressed_ - stream_.avail_in;
    if (inflated_ > limits_.inflation_free_bytes && inflated_ / limits_.inflation_ratio_max > consumed) {
        throw BodyError(413, fmt::format("The body inflates to more than {} times its compressed size.",
                                         limits_.inflation_ratio_max));
    }
    return count;
}

}  // namespace rockwatch::http
