#include "core/arn.hpp"

#include <fmt/format.h>

#include <array>

namespace rockwatch {

std::string Arn::text() const {
    return fmt::format("arn:{}:{}:{}:{}:{}", partition, service, region, account, resource);
}

std::optional<Arn> parse_arn(std::string_view text) {
    std::array<std::string_view, 5> parts;
    for (auto& part : parts) {
        const auto colon = text.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        part = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    if (parts[0] != "arn" || parts[1].empty() || parts[2].empty() || text.empty()) return std::nullopt;
    return Arn{.partition = std::string(parts[1]),
               .service = std::string(parts[2]),
               .region = std::string(parts[3]),
               .account = std::string(parts[4]),
               .resource = std::string(text)};
}

std::string arn_of(const Owner& owner, std::string_view service, std::string_view resource) {
    return fmt::format("arn:aws:{}:{}:{}:{}", service, owner.region, owner.account, resource);
}

}  // namespace rockwatch
