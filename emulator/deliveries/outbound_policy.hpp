#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deliveries/url.hpp"

namespace rockwatch::deliveries {

/// An IP address; an IPv4 address stands in its IPv4-mapped IPv6 form.
struct Address {
    std::array<std::uint8_t, 16> bytes{};

    bool is_v4() const;
    std::string text() const;
    bool operator==(const Address&) const = default;
};

/// 127.0.0.1, ::1; nullopt for anything else.
std::optional<Address> parse_address(const std::string& text);

/// Turns a host's name into its addresses; throws std::runtime_error when there are none.
using Resolver = std::function<std::vector<Address>(const std::string& host)>;

/// The system's resolver. Addresses are taken as they are, nothing is looked up.
std::vector<Address> resolve_host(const std::string& host);

/// What may leave the machine (threats.md T14): loopback and names of one label, which only a local network
/// knows, and what the user allowed.
struct OutboundPolicy {
    std::vector<std::string>
        allowed_hosts;  ///< --allow-outbound: host names and addresses, `*` allowed in them
};

/// 127.0.0.0/8, ::1 and names that always mean the machine itself.
bool is_loopback_host(std::string_view host);

/// Judges a host before it is looked up. Nullopt: it may be called. Otherwise one sentence that names the
/// flag.
std::optional<std::string> host_refusal(const OutboundPolicy& policy, const Url& url);

/// Judges an address that a host's name led to: link-local, metadata services, multicast and unspecified
/// addresses are never called, whatever the user allows; neither are they inside of IPv6 (mapped, NAT64,
/// 6to4).
std::optional<std::string> address_refusal(const Address& address);

}  // namespace rockwatch::deliveries
