#include "deliveries/outbound_policy.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "core/text.hpp"

namespace rockwatch::deliveries {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct Block {
    const char* network;  // IPv4 blocks are written in their mapped form
    int bits;
    const char* what;
};

// Link-local is where the clouds' metadata services live; the single addresses are those of Azure, Alibaba
// and Oracle, fd00:ec2::/32 is AWS's.
constexpr Block never[] = {
    {"::ffff:169.254.0.0", 96 + 16, "link-local"},
    {"::ffff:168.63.129.16", 128, "a metadata service"},
    {"::ffff:100.100.100.200", 128, "a metadata service"},
    {"::ffff:192.0.0.192", 128, "a metadata service"},
    {"::ffff:0.0.0.0", 96 + 8, "unspecified"},
    {"::ffff:224.0.0.0", 96 + 4, "multicast"},
    {"::ffff:240.0.0.0", 96 + 4, "reserved"},
    {"fe80::", 10, "link-local"},
    {"fec0::", 10, "site-local"},
    {"fd00:ec2::", 32, "a metadata service"},
    {"ff00::", 8, "multicast"},
    {"::", 128, "unspecified"},
};

bool in_block(const Address& address, const Block& block) {
    const Address network = *parse_address(block.network);
    const int whole = block.bits / 8;
    if (!std::equal(network.bytes.begin(), network.bytes.begin() + whole, address.bytes.begin()))
        return false;
    const int rest = block.bits % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xffU << static_cast<unsigned>(8 - rest));
    const auto at = static_cast<std::size_t>(whole);
    return (network.bytes[at] & mask) == (address.bytes[at] & mask);
}

Address mapped(const std::uint8_t* four_bytes) {
    Address address;
    std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.bytes.begin());
    std::copy(four_bytes, four_bytes + 4, address.bytes.begin() + 12);
    return address;
}

/// The IPv4 address that an IPv6 one carries to a translator: ::a.b.c.d, 64:ff9b::/96, 2002::/16.
std::optional<Address> embedded_v4(const Address& address) {
    static constexpr Block carriers[] = {{"64:ff9b::", 96, ""}, {"::", 96, ""}};
    for (const Block& carrier : carriers) {
        if (in_block(address, carrier)) return mapped(address.bytes.data() + 12);
    }
    if (address.bytes[0] == 0x20 && address.bytes[1] == 0x02) return mapped(address.bytes.data() + 2);
    return std::nullopt;
}

bool is_loopback(const Address& address) {
    static constexpr Block loopback[] = {{"::ffff:127.0.0.0", 96 + 8, ""}, {"::1", 128, ""}};
    return std::any_of(std::begin(loopback), std::end(loopback),
                       [&](const Block& block) { return in_block(address, block); });
}

}  // namespace

bool Address::is_v4() const { return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin()); }

std::string Address::text() const {
    char buffer[INET6_ADDRSTRLEN] = {};
    if (is_v4()) {
        inet_ntop(AF_INET, bytes.data() + 12, buffer, sizeof buffer);
    } else {
        inet_ntop(AF_INET6, bytes.data(), buffer, sizeof buffer);
    }
    return buffer;
}

std::optional<Address> parse_address(const std::string& text) {
    Address address;
    std::uint8_t four_bytes[4];
    if (inet_pton(AF_INET, text.c_str(), four_bytes) == 1) return mapped(four_bytes);
    if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) return address;
    return std::nullopt;
}

std::vector<Address> resolve_host(const std::string& host) {
    if (const auto address = parse_address(host)) return {*address};
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int result = getaddrinfo(host.c_str(), nullptr, &hints, &found); result != 0) {
        throw std::runtime_error(fmt::format("the host {} is not known: {}", host, gai_strerror(result)));
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
    std::vector<Address> addresses;
    for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
        if (entry->ai_family == AF_INET) {
            const auto* v4 = reinterpret_cast<const sockaddr_in*>(entry->ai_addr);
            addresses.push_back(mapped(reinterpret_cast<const std::uint8_t*>(&v4->sin_addr)));
        } else if (entry->ai_family == AF_INET6) {
            const auto* v6 = reinterpret_cast<const sockaddr_in6*>(entry->ai_addr);
            std::memcpy(addresses.emplace_back().bytes.data(), &v6->sin6_addr, 16);
        }
    }
    return addresses;
}

bool is_loopback_host(std::string_view host) {
    if (host == "localhost" || host.ends_with(".localhost")) return true;
    const auto address = parse_address(std::string(host));
    return address && is_loopback(*address);
}

std::optional<std::string> host_refusal(const OutboundPolicy& policy, const Url& url) {
    const auto address = parse_address(url.host);
    if (is_loopback_host(url.host)) return std::nullopt;
    if (!address && url.host.find('.') == std::string::npos) return std::nullopt;
    for (const auto& allowed : policy.allowed_hosts) {
        if (glob_matches(lower_case(allowed), url.host)) return std::nullopt;
        if (address && parse_address(allowed) == address) return std::nullopt;
    }
    return fmt::format("{} is not a local host: start with --allow-outbound {} to have it called", url.host,
                       url.host);
}

std::optional<std::string> address_refusal(const Address& address) {
    if (is_loopback(address)) return std::nullopt;
    for (const Block& block : never) {
        if (in_block(address, block))
            return fmt::format("{} is {} and is never called", address.text(), block.what);
    }
    if (const auto inner = embedded_v4(address)) {
        if (const auto refusal = address_refusal(*inner)) return refusal;
    }
    return std::nullopt;
}

}  // namespace rockwatch::deliveries
