#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/instant.hpp"
#include "core/json.hpp"
#include "rules/latency.hpp"

/// A rule for invocations, as control-api.md describes it. Reading is strict: what is unknown, of a wrong
/// type or out of range is refused with its place, never ignored.
namespace rockwatch::rules {

/// A user's regular expression, compiled once. Shared because rules are values and RE2 cannot be copied.
using Pattern = std::shared_ptr<const re2::RE2>;

struct BodyCondition {
    std::string pointer;  ///< as written: /inferenceConfig/temperature
    Json::json_pointer path;
    Json value;
};

/// Which invocations are meant. All given members must hold.
struct Match {
    std::vector<std::string> model_ids;  ///< globs; any of them
    std::vector<std::string> operations;
    Pattern prompt;
    Pattern system;
    Pattern any_message;
    std::optional<std::string> tool;
    std::optional<std::string> tool_result;
    std::optional<std::int64_t> turn;
    std::vector<BodyCondition> body;
    std::vector<std::pair<std::string, std::string>> request_metadata;
    std::optional<std::string> account;
    std::optional<std::string> region;
    std::optional<std::string> access_key_id;
};

/// Which of the matching calls are meant. All given members must hold.
struct When {
    std::uint64_t calls_from = 1;
    std::uint64_t calls_to = UINT64_MAX;
    std::uint64_t every = 1;
    std::optional<Instant> from;
    std::optional<Instant> until;  ///< exclusive
    std::optional<double> probability;
    std::optional<std::uint64_t> seed;

    bool given = false;
};

struct Latency {
    Distribution time;
    /// False: reported as if it had taken that long. Nullopt: as false while the clock is frozen, else as true.
    std::optional<bool> sleep;
};

struct StreamPace {
    std::optional<Distribution> first_token;
    std::optional<Distribution> inter_token;
    double jitter_ms = 0;
    std::optional<std::int64_t> tokens_per_chunk;
    std::vector<std::string> chunks;
};

enum class Connection { kept, reset, hang, truncate };

struct Fault {
    std::string name;  ///< ThrottlingException; empty when only the connection breaks
    std::optional<std::string> message;
    int status = 0;  ///< 0: the service's own
    std::optional<std::size_t> after_chunks;
    std::optional<Milliseconds> after;
    Connection connection = Connection::kept;

    bool within_stream() const { return after_chunks || after; }
};

struct UsageOverride {
    std::optional<std::int64_t> input_tokens;
    std::optional<std::int64_t> output_tokens;
    std::optional<std::int64_t> cache_read_input_tokens;
    std::optional<std::int64_t> cache_write_input_tokens;
};

struct EmbeddingSpec {
    std::optional<std::int64_t> dimensions;
    std::uint64_t seed = 0;
};

/// One answer. At most one of text, content and body is there; none: the default answer.
struct Response {
    std::optional<std::string> text;  ///< with templates
    Json content;  ///< null, or Converse content blocks: text, toolUse, reasoningContent, image
    Json body;     ///< null, or the native answer, verbatim
    std::optional<EmbeddingSpec> embedding;
    std::optional<std::string> reasoning;
    std::optional<std::string> stop_reason;
    UsageOverride usage;
};

struct Respond {
    std::vector<Response> answers;  ///< at least one; several: a sequence
    bool cycle = false;

    /// The answer for the nth call that the rule answers, counted from 0.
    const Response& answer(std::uint64_t nth) const;
};

struct Rule {
    std::string id;  ///< empty: none was given
    Match match;
    When when;
    std::optional<Respond> respond;
    std::optional<Latency> latency;
    std::optional<Fault> error;
    std::optional<StreamPace> stream;
};

/// Reads a rule. Throws InputError 400 InvalidRule with the place as a JSON pointer.
Rule rule_from_json(const Json& document);

/// Reads a file of rules: one rule, a list of rules or {"rules":[…]}, where "$schema" may stand beside them
/// for editors. Each has been read by rule_from_json. Throws InputError with the place, such as
/// /rules/2/latency/ms or /2/latency/ms.
std::vector<Json> rules_from_text(std::string_view text);

/// The readers of a rule's larger parts, each with the pointer to where `value` stands.
Match match_from_json(const Json& value, const std::string& pointer);
Respond respond_from_json(const Json& value, const std::string& pointer);

}  // namespace rockwatch::rules
