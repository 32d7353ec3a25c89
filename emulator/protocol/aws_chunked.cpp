#include "protocol/aws_chunked.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "core/error.hpp"
#include "core/text.hpp"
#include "protocol/checksum.hpp"

namespace rockwatch {

namespace {

constexpr std::string_view coding = "aws-chunked";
constexpr std::string_view payload_header = "x-amz-content-sha256";
constexpr std::string_view length_header = "x-amz-decoded-content-length";
constexpr std::string_view checksum_prefix = "x-amz-checksum-";
constexpr std::string_view signature_trailer = "x-amz-trailer-signature";

ServiceError incomplete() { return {"IncompleteBody", "The request body terminated unexpectedly"}; }

ServiceError malformed_chunk(std::string_view what) {
    return {"InvalidRequest", fmt::format("The body is not framed as aws-chunked: {}.", what)};
}

ServiceError malformed_trailer() {
    return {
        "MalformedTrailerError",
        "The request contained trailing data that was not well-formed or did not conform to our published "
        "schema."};
}

ServiceError bad_digest(std::string_view algorithm) {
    std::string name(algorithm);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char letter) { return letter >= 'a' && letter <= 'z' ? char(letter - 32) : letter; });
    return {"BadDigest", fmt::format("The {} you specified did not match the calculated checksum.", name)};
}

/// What x-amz-content-sha256 says of the form. Without it nothing is known, and both forms are taken.
struct Form {
    bool may_be_signed = true;
    bool must_be_signed = false;
    bool may_have_trailers = true;
};

Form form_of(std::string_view payload) {
    if (payload == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return {.may_be_signed = false};
    const bool is_signed = payload.starts_with("STREAMING-AWS4-");
    return {.must_be_signed = is_signed, .may_have_trailers = !is_signed || payload.ends_with("-TRAILER")};
}

/// Reads the frame from its beginning to its end.
class Chunks {
public:
    Chunks(std::string_view wire, const Form& form, ChunkSignatures* signatures)
        : rest_(wire), form_(form), signatures_(signatures) {}

    std::string take_body() {
        std::string body;
        for (;;) {
            const std::uint64_t size = take_size();
            if (rest_.size() < size) throw incomplete();
            if (signatures_ != nullptr)
                signatures_->chunks.push_back({body.size(), static_cast<std::size_t>(size), signature_});
            if (size == 0) return body;
            body += rest_.substr(0, static_cast<std::size_t>(size));
            rest_.remove_prefix(static_cast<std::size_t>(size));
            if (rest_.size() < 2) throw incomplete();
            if (!rest_.starts_with("\r\n")) throw malformed_chunk("a chunk is longer than its size");
            rest_.remove_prefix(2);
        }
    }

    /// Lines end as some SDKs write them: a bare line feed is enough, and the last empty line may be missing.
    Headers take_trailers() {
        Headers trailers;
        while (!rest_.empty()) {
            const auto end = rest_.find('\n');
            std::string_view line = rest_.substr(0, end);
            rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (line.empty()) break;
            const auto colon = line.find(':');
            const bool is_clean = std::none_of(line.begin(), line.end(), [](char letter) {
                const auto byte = static_cast<unsigned char>(letter);
                return byte < 0x20 && letter != '\t';
            });
            if (colon == std::string_view::npos || colon == 0 || !is_clean) throw malformed_trailer();
            trailers.add(std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1))));
        }
        if (!rest_.empty()) throw malformed_trailer();
        return trailers;
    }

private:
    std::uint64_t take_size() {
        const auto end = rest_.find("\r\n");
        if (end == std::string_view::npos) throw incomplete();
        const std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(end + 2);
        const std::string_view digits = line.substr(0, line.find(';'));
        check_extension(line.substr(digits.size()));
        constexpr std::size_t digits_max = 16;
        std::uint64_t size = 0;
        const auto [stopped, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
        const bool is_size = !digits.empty() && digits.size() <= digits_max && digits.front() != '-' &&
                             fault == std::errc{} && stopped == digits.data() + digits.size();
        if (!is_size) throw malformed_chunk("a chunk's size is not 1 to 16 hexadecimal digits");
        return size;
    }

    void check_extension(std::string_view extension) {
        signature_.clear();
        constexpr std::string_view signature = ";chunk-signature=";
        constexpr std::size_t signature_digits = 64;
        if (extension.empty() && !form_.must_be_signed) return;
        if (extension.empty()) throw malformed_chunk("a chunk has no signature");
        if (!form_.may_be_signed) throw malformed_chunk("a chunk of an unsigned payload has an extension");
        const bool is_signature =
            extension.starts_with(signature) && extension.size() == signature.size() + signature_digits;
        if (!is_signature) throw malformed_chunk("a chunk's signature is not 64 digits");
        signature_ = extension.substr(signature.size());
    }

    std::string_view rest_;
    const Form form_;
    std::string signature_;  // of the chunk that was begun last
    ChunkSignatures* signatures_;
};

std::uint64_t announced_length(const HttpRequest& request) {
    const std::string_view text = request.headers.get(length_header);
    if (text.empty()) {
        ServiceError error("MissingContentLength", "You must provide the Content-Length HTTP header.");
        error.status = 411;
        throw error;
    }
    std::uint64_t length = 0;
    const auto [stopped, fault] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (fault != std::errc{} || stopped != text.data() + text.size())
        throw ServiceError("InvalidArgument", fmt::format("{} is not a number.", length_header));
    return length;
}

bool is_announced(const HttpRequest& request, std::string_view trailer) {
    for (const auto& [name, value] : request.headers) {
        if (!equal_ignoring_case(name, "x-amz-trailer")) continue;
        for (const auto announced : split(value, ',')) {
            if (equal_ignoring_case(trim(announced), trailer)) return true;
        }
    }
    return false;
}

void check_trailers(const HttpRequest& request, const Headers& trailers, const Form& form,
                    std::string_view body) {
    bool has_signature = false;
    for (const auto& [name, value] : trailers) {
        if (equal_ignoring_case(name, signature_trailer)) {
            has_signature = true;
            continue;
        }
        // Checksums alone: another header at the end would change what has been judged by the head.
        const std::string lower = lower_case(name);
        const bool may_stand_here = form.may_have_trailers && lower.starts_with(checksum_prefix);
        if (!may_stand_here || !is_announced(request, name)) throw malformed_trailer();
        const std::string_view algorithm = std::string_view(lower).substr(checksum_prefix.size());
        const auto calculated = checksum(algorithm, body);
        if (calculated && *calculated != value) throw bad_digest(algorithm);
    }
    const std::string* announced = request.headers.find("x-amz-trailer");
    const bool lacks_one = announced != nullptr && trailers.size() == (has_signature ? 1U : 0U);
    if (lacks_one || (form.must_be_signed && form.may_have_trailers && !has_signature))
        throw malformed_trailer();
}

void note_trailers(const Headers& trailers, ChunkSignatures& signatures) {
    for (const auto& [name, value] : trailers) {
        const std::string lower = lower_case(name);
        if (lower == signature_trailer) {
            signatures.trailer_signature = value;
        } else {
            signatures.trailer_lines += fmt::format("{}:{}\n", lower, value);
        }
    }
}

/// gzip of "aws-chunked, gzip"
std::string without_chunks(std::string_view content_encoding) {
    std::string kept;
    for (auto part : split(content_encoding, ',')) {
        part = trim(part);
        if (part.empty() || equal_ignoring_case(part, coding)) continue;
        kept += (kept.empty() ? "" : ",") + std::string(part);
    }
    return kept;
}

}  // namespace

bool is_aws_chunked(const HttpRequest& request) {
    if (request.headers.get(payload_header).starts_with("STREAMING-")) return true;
    const auto parts = split(request.headers.get("Content-Encoding"), ',');
    return std::any_of(parts.begin(), parts.end(),
                       [](std::string_view part) { return equal_ignoring_case(trim(part), coding); });
}

std::string take_aws_chunks(HttpRequest& request, std::string_view wire, ChunkSignatures* signatures) {
    const std::uint64_t length = announced_length(request);
    const Form form = form_of(request.headers.get(payload_header));
    Chunks chunks(wire, form, signatures);
    std::string body = chunks.take_body();
    const Headers trailers = chunks.take_trailers();
    if (body.size() != length) throw incomplete();
    check_trailers(request, trailers, form, body);
    if (signatures != nullptr) note_trailers(trailers, *signatures);
    for (const auto& [name, value] : trailers) {
        if (!equal_ignoring_case(name, signature_trailer)) request.headers.set(name, value);
    }
    const std::string kept = without_chunks(request.headers.get("Content-Encoding"));
    request.headers.remove("Content-Encoding");
    if (!kept.empty()) request.headers.add("Content-Encoding", kept);
    return body;
}

}  // namespace rockwatch
