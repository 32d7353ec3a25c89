#include "banner.hpp"

#include <fmt/format.h>

#include "core/text.hpp"
#include "option_values.hpp"

namespace rockwatch {

namespace {

std::string row(std::string_view name, const std::string& text) {
    return fmt::format("  {:<10} {}\n", name, text);
}

std::string plural(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string database_text(const BannerFacts& facts) {
    if (facts.database == ":memory:") return "in memory, gone at the end";
    if (facts.kept_bytes == 0) return facts.database + " (new)";
    return fmt::format("{} ({}, kept from last time)", facts.database, bytes_text(facts.kept_bytes));
}

}  // namespace

std::string banner(const BannerFacts& facts) {
    std::string text =
        fmt::format("Rockwatch {}: Amazon Bedrock and CloudWatch on this machine\n\n", facts.version);
    std::vector<std::string> urls;
    for (const auto& address : facts.addresses) urls.push_back("http://" + address);
    text += row("listens on", join(urls, ", "));
    text += row("database", database_text(facts));
    if (!facts.clock.empty()) text += row("clock", facts.clock);
    if (!facts.rule_paths.empty())
        text += row("rules", fmt::format("{} from {}{}", facts.rules, join(facts.rule_paths, ", "),
                                         facts.watches_rules ? ", watched" : ""));
    text += row("account", fmt::format("{}, region {}", facts.defaults.account, facts.defaults.region));
    if (!facts.credentials.empty())
        text += row("callers", fmt::format("verified against {} ({})", facts.credentials,
                                           plural(facts.callers, "credential")));
    text += '\n';
    for (const auto& [name, value] : facts.variables) text += "  " + assignment("sh", name, value);
    if (!facts.credentials.empty())
        text += "  # and credentials of that file; rockwatch env, with the same options, prints the first\n";
    if (facts.is_open_to_all) {
        text +=
            "\n  Warning: every machine that reaches this one can call it. In a container publish it on "
            "loopback: -p 127.0.0.1:4566:4566\n";
    }
    return text + "\nReady.\n";
}

}  // namespace rockwatch
