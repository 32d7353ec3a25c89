#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/budget.hpp"
#include "http/head.hpp"
#include "protocol/message.hpp"

namespace rockwatch::http {

/// Where a body's bytes come from: a socket and what has been read ahead of it, or a test's text.
class ByteSource {
public:
    virtual ~ByteSource() = default;

    /// The bytes at hand.
    virtual std::string_view peek() const = 0;
    virtual void consume(std::size_t count) = 0;
    /// Gets more bytes to hand, waiting for them. False when there will be none. Throws BodyError(408) when
    /// the client is too slow.
    virtual bool fill() = 0;
};

/// Source: threats.md, section 3.
struct BodyLimits {
    std::uint64_t body_bytes_max = 64ULL << 20U;  ///< on the wire and inflated
    std::uint64_t inflation_ratio_max =
        200;  ///< inflated to compressed, looked at beyond `inflation_free_bytes`
    std::uint64_t inflation_free_bytes = 1ULL << 20U;
    std::size_t chunk_extension_bytes_max = 256;
    std::size_t trailer_bytes_max = 8 * 1024;
};

/// A body as it comes off the wire, freed of its framing.
class WireBody {
public:
    WireBody(Framing framing, std::uint64_t content_length, ByteSource& source, const BodyLimits& limits);

    /// Fills at most `size` bytes; 0 at the end. Throws BodyError.
    std::size_t read(char* buffer, std::size_t size);

    bool is_finished() const { return is_finished_; }

    /// Who gets to see what is read, too.
    void show(std::function<void(std::string_view)> tap) { tap_ = std::move(tap); }

private:
    std::string_view line(std::size_t bytes_max, const char* what);
    void begin_chunk();
    void end_chunk();
    void skip_trailers();

    Framing framing_;
    std::uint64_t left_;  ///< of the body, or of the present chunk
    std::uint64_t taken_ = 0;
    bool is_first_chunk_ = true;
    bool is_finished_;
    ByteSource& source_;
    const BodyLimits& limits_;
    std::string line_;
    std::function<void(std::string_view)> tap_;
};

class Inflater;

/// What a Content-Encoding header means to us.
enum class Coding { plain, compressed, unknown };
/// gzip, x-gzip and deflate are inflated; identity is plain, and so is whatever has aws-chunked in it, which
/// is a matter of S3 and not of HTTP.
Coding coding_of(std::string_view content_encoding);

/// The body that a handler pulls from: framing and coding taken away, everything counted.
class RequestBody : public BodyStream {
public:
    /// `on_first_read` may be empty: it answers 100 Continue.
    RequestBody(const Head& head, Coding coding, ByteSource& source, const BodyLimits& limits, Budget& budget,
                std::function<void()> on_first_read);
    ~RequestBody() override;

    std::size_t read(char* buffer, std::size_t size) override;
    void keep_coding() override { coding_ = Coding::plain; }
    void show_coded(std::function<void(std::string_view)> tap) override { wire_.show(std::move(tap)); }

    /// Takes what nobody has read off the wire, so that the next request can be found. False when that is
    /// more than `bytes_max`, or can't be known.
    bool drain(std::size_t bytes_max);

private:
    std::size_t read_decoded(char* buffer, std::size_t size);

    const BodyLimits& limits_;
    Budget& budget_;
    Coding coding_;
    WireBody wire_;
    std::unique_ptr<Inflater> inflater_;
    std::function<void()> on_first_read_;
    std::uint64_t content_length_;
    std::uint64_t delivered_ = 0;
    std::size_t budgeted_ = 0;
    bool is_broken_ = false;
};

}  // namespace rockwatch::http
