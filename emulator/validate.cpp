#include "validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "core/text.hpp"
#include "credentials_file.hpp"
#include "deliveries/sender.hpp"
#include "files.hpp"
#include "option_table.hpp"
#include "rules/quota.hpp"
#include "world/world.hpp"
#include "world_options.hpp"

namespace rockwatch {

namespace {

/// Nothing leaves the machine for a check.
class NoSender : public deliveries::Sender {
public:
    deliveries::SendResult send(const deliveries::OutgoingPost& /*post*/) override { return {.status = 200}; }
};

std::string plural(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

enum class FileKind { rules, setup, config, credentials, quotas, scenario };

bool has(const Json& json, std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* name) { return json.contains(name); });
}

bool is_setup_call(const Json& json) { return json.is_object() && has(json, {"service", "operation"}); }

/// By its members; what could be anything is taken for rules, whose reader names what it does not know.
FileKind kind_of(const Json& json) {
    if (json.is_array())
        return !json.empty() && is_setup_call(json.front()) ? FileKind::setup : FileKind::rules;
    if (!json.is_object()) return FileKind::rules;
    if (has(json, {"traffic", "expect", "duration"})) return FileKind::scenario;
    if (has(json, {"credentials", "bearerTokens"}) && !json.value("credentials", Json()).is_string())
        return FileKind::credentials;
    if (has(json, {"quotas"})) return FileKind::quotas;
    // Rules of a rule file are objects, those of a config file are names.
    const Json rules = json.value("rules", Json());
    const bool has_rules = rules.is_array() && (rules.empty() ? json.size() == 1 : rules.front().is_object());
    if (has_rules || has(json, {"match", "when", "respond", "error", "stream"})) return FileKind::rules;
    const auto items = json.items();
    const bool has_option = std::any_of(items.begin(), items.end(), [](const auto& item) {
        return find_option(item.key()) != nullptr && item.key() != "latency";
    });
    // A latency of its own is a rule's; none and realistic are the option's.
    return has_option || json.value("latency", Json()).is_string() ? FileKind::config : FileKind::rules;
}

class Validation {
public:
    explicit Validation(const Options& options) : world_(world_options(options)) {}

    std::string check(const std::string& file) {
        std::error_code error;
        if (std::filesystem::is_directory(file, error)) return rules(file);
        const std::string text = read_text_file(file);
        const auto first = text.find_first_not_of(" \t\r\n");
        const bool may_be_profiles = first != std::string::npos && (text[first] == '[' || text[first] == '#');
        if (may_be_profiles && !parse_json(text)) return credentials(file);
        const Json json = read_json_file(file);
        switch (kind_of(json)) {
            case FileKind::setup:
                return setup(file);
            case FileKind::config:
                check_config(json, file);
                return fmt::format("config, {}", plural(json.size(), "option"));
            case FileKind::credentials:
                return credentials(file);
            case FileKind::quotas:
                return fmt::format("quotas, {}", plural(rules::quotas_from_json(json).size(), "quota"));
            case FileKind::scenario:
                throw FileError(file, "scenarios are not supported yet");
            case FileKind::rules:
                break;
        }
        return rules(file);
    }

private:
    static std::string rules(const std::string& file) {
        return fmt::format("rules, {}", plural(read_rule_files({file}).size(), "rule"));
    }

    std::string credentials(const std::string& file) const {
        const Credentials all = read_credentials_file(file, world_.defaults);
        return fmt::format("credentials, {}", plural(all.keys.size() + all.tokens.size(), "caller"));
    }

    /// One file's calls may need what an earlier one's have made.
    std::string setup(const std::string& file) {
        const auto calls = read_setup_files({file});
        calls_.insert(calls_.end(), calls.begin(), calls.end());
        WorldOptions options = world_;
        options.setup = calls_;
        try {
            const World world(std::move(options), sender_);
        } catch (const InputError& error) {
            const auto failed = calls_;
            calls_.resize(calls_.size() - calls.size());
            rethrow_with_file(error, failed);
        }
        return fmt::format("set-up, {}", plural(calls.size(), "call"));
    }

    const WorldOptions world_;
    NoSender sender_;
    std::vector<SetupCall> calls_;
};

}  // namespace

std::vector<Finding> validate_files(const Options& options, const std::vector<std::string>& files) {
    std::vector<Finding> findings;
    Validation validation(options);
    for (const std::string& file : files) {
        try {
            findings.push_back({.line = fmt::format("{}: {}", file, validation.check(file))});
        } catch (const FileError& error) {
            const std::string place = error.place.empty() ? "" : ":" + error.place;
            findings.push_back(
                {.is_wrong = true, .line = fmt::format("{}{}: {}", error.file, place, error.message)});
        } catch (const InputError& error) {
            const std::string place = error.path.empty() ? "" : ":" + error.path;
            findings.push_back(
                {.is_wrong = true, .line = fmt::format("{}{}: {}", file, place, error.what())});
        }
    }
    return findings;
}

}  // namespace rockwatch
