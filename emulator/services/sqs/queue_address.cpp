#include "services/sqs/queue_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/arn.hpp"
#include "core/random.hpp"
#include "core/text.hpp"

namespace rockwatch::sqs {

namespace {

bool is_account(std::string_view text) {
    return text.size() == 12 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string QueueKey::arn() const { return arn_of({.account = account, .region = region}, "sqs", name); }

std::string queue_url(const Caller& caller, const QueueKey& key) {
    const std::string base = caller.base_url.empty() ? "http://localhost:4566" : caller.base_url;
    return fmt::format("{}/{}/{}", base, key.account, key.name);
}

std::optional<QueueKey> queue_of_url(const Caller& caller, std::string_view url) {
    const auto scheme_end = url.find("://");
    const std::string_view rest = scheme_end == std::string_view::npos ? url : url.substr(scheme_end + 3);
    const auto segments = split(rest, '/');
    const std::size_t count = segments.size();
    if (count < 3 || !is_account(segments[count - 2]) || segments.back().empty()) return std::nullopt;
    QueueKey key{.account = std::string(segments[count - 2]),
                 .region = caller.region,
                 .name = std::string(segments.back())};
    if (count >= 5 && segments[count - 4] == "queue") key.region = std::string(segments[count - 3]);
    return key;
}

std::optional<QueueKey> queue_of_arn(std::string_view text) {
    auto arn = parse_arn(text);
    if (!arn || arn->service != "sqs" || !is_account(arn->account) || arn->resource.empty())
        return std::nullopt;
    return QueueKey{.account = std::move(arn->account),
                    .region = std::move(arn->region),
                    .name = std::move(arn->resource)};
}

bool is_queue_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    return !name.empty() && name.size() <= 80 && std::all_of(name.begin(), name.end(), fits);
}

std::string receipt_handle(const QueueKey& key, const Receipt& receipt) {
    return base64_encode(fmt::format("{:016x} {} {}", text_hash(key.arn()), receipt.message, receipt.nonce));
}

std::optional<Receipt> read_receipt_handle(const QueueKey& key, std::string_view handle) {
    std::string text;
    if (!base64_decode(handle, text)) return std::nullopt;
    const auto parts = split(text, ' ');
    if (parts.size() != 3 || parts[0] != fmt::format("{:016x}", text_hash(key.arn()))) return std::nullopt;
    Receipt receipt{.nonce = std::string(parts[2])};
    const auto [stop, failed] =
        std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), receipt.message);
    if (failed != std::errc{} || stop != parts[1].data() + parts[1].size()) return std::nullopt;
    return receipt;
}

}  // namespace rockwatch::sqs
