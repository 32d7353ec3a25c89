#include "shell.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/json.hpp"

namespace rockwatch {

namespace {

/// The text with every `letter` written as `written`.
std::string replaced(std::string_view text, char letter, std::string_view written) {
    std::string all;
    for (const char one : text) {
        if (one == letter) {
            all += written;
        } else {
            all += one;
        }
    }
    return all;
}

/// dotenv files know no quoting that all readers share: quoted only where it must be.
std::string dotenv_value(std::string_view value) {
    constexpr std::string_view plain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:+=@%,";
    if (value.find_first_not_of(plain) == std::string_view::npos) return std::string(value);
    if (value.find('\'') == std::string_view::npos) return fmt::format("'{}'", value);
    std::string escaped = replaced(replaced(value, '\\', "\\\\"), '"', "\\\"");
    return fmt::format("\"{}\"", replaced(escaped, '$', "\\$"));
}

}  // namespace

std::string reachable_host(const std::string& host) {
    const bool everywhere = host.empty() || host == "0.0.0.0" || host == "localhost";
    if (everywhere) return "127.0.0.1";
    return host == "::" ? "::1" : host;
}

std::string endpoint_of(const std::string& host, int port) {
    const std::string reached = reachable_host(host);
    const bool is_ipv6 = reached.find(':') != std::string::npos;
    return is_ipv6 ? fmt::format("http://[{}]:{}", reached, port)
                   : fmt::format("http://{}:{}", reached, port);
}

Variables variables_for(const Options& options, const std::string& endpoint, const Credentials* credentials) {
    const Credential* key =
        credentials == nullptr || credentials->keys.empty() ? nullptr : &credentials->keys.front();
    const std::string region = key == nullptr || key->region.empty() ? options.region : key->region;
    Variables all = {{"AWS_ENDPOINT_URL", endpoint}, {"AWS_REGION", region}, {"AWS_DEFAULT_REGION", region}};
    if (credentials == nullptr) {
        all.emplace_back("AWS_ACCESS_KEY_ID", "test");
        all.emplace_back("AWS_SECRET_ACCESS_KEY", "test");
    } else if (key != nullptr) {
        all.emplace_back("AWS_ACCESS_KEY_ID", key->access_key);
        all.emplace_back("AWS_SECRET_ACCESS_KEY", key->secret_key);
        if (!key->session_token.empty()) all.emplace_back("AWS_SESSION_TOKEN", key->session_token);
    } else if (!credentials->tokens.empty()) {
        all.emplace_back("AWS_BEARER_TOKEN_BEDROCK", credentials->tokens.front().token);
    }
    return all;
}

std::string assignment(std::string_view shell, const std::string& name, std::string_view value) {
    if (shell == "fish")
        return fmt::format("set -gx {} '{}'\n", name, replaced(replaced(value, '\\', "\\\\"), '\'', "\\'"));
    if (shell == "powershell") return fmt::format("$Env:{} = '{}'\n", name, replaced(value, '\'', "''"));
    if (shell == "dotenv") return fmt::format("{}={}\n", name, dotenv_value(value));
    return fmt::format("export {}='{}'\n", name, replaced(value, '\'', "'\\''"));
}

std::string assignments(std::string_view shell, const Variables& variables) {
    if (shell == "json") {
        OrderedJson object = OrderedJson::object();
        for (const auto& [name, value] : variables) object[name] = value;
        return object.dump(2) + "\n";
    }
    std::string text;
    for (const auto& [name, value] : variables) text += assignment(shell, name, value);
    return text;
}

bool leads_elsewhere(std::string_view name) {
    constexpr std::string_view names[] = {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN",
                                          "AWS_BEARER_TOKEN_BEDROCK", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"};
    return name.starts_with("AWS_ENDPOINT_URL_") ||
           std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace rockwatch
