#include "rules/rule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "rules/fields.hpp"
#include "rules/template.hpp"

namespace rockwatch::rules {

namespace {

constexpr Range counts{0, 1e12};
constexpr Range positive_counts{1, 1e12};
constexpr Range milliseconds{0, rule_ms_max};
constexpr Range seeds{0, 9.007199254740992e15};  // what a double holds exactly
constexpr std::size_t id_length_max = 128;

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= id_length_max &&
           std::all_of(text.begin(), text.end(), [](char letter) {
               return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                      (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.' ||
                      letter == ':';
           });
}

/// The number that the whole text is; nullopt otherwise.
std::optional<std::uint64_t> whole_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
    return number;
}

/// "2", "3-5", "3-", "-5"
void read_calls(const Json& value, const std::string& pointer, When& when) {
    const auto wrong = [&] {
        return invalid_rule("must be a number of calls or a range: \"2\", \"3-5\", \"3-\", \"-5\"", pointer);
    };
    if (value.is_number_integer() && value.get<std::int64_t>() > 0) {
        when.calls_from = when.calls_to = value.get<std::uint64_t>();
        return;
    }
    if (!value.is_string()) throw wrong();
    const std::string_view text = value.get_ref<const std::string&>();
    const auto dash = text.find('-');
    const std::string_view first = text.substr(0, dash);
    const std::string_view last = dash == std::string_view::npos ? first : text.substr(dash + 1);
    if (first.empty() && last.empty()) throw wrong();
    const auto from = first.empty() ? std::optional<std::uint64_t>{1} : whole_number(first);
    const auto to = last.empty() ? std::optional<std::uint64_t>{UINT64_MAX} : whole_number(last);
    if (!from || !to || *from == 0 || *from > *to) throw wrong();
    when.calls_from = *from;
    when.calls_to = *to;
}

When read_when(const Json& value, const std::string& pointer) {
    const Fields fields(value, pointer, {"calls", "every", "from", "until", "probability", "seed"});
    When when;
    when.given = !value.empty();
    if (const Json* calls = fields.find("calls")) read_calls(*calls, fields.at("calls"), when);
    if (const auto every = fields.integer("every", positive_counts))
        when.every = static_cast<std::uint64_t>(*every);
    when.from = fields.time("from");
    when.until = fields.time("until");
    if (when.from && when.until && *when.until <= *when.from) {
        throw invalid_rule("must be later than from", fields.at("until"));
    }
    when.probability = fields.number("probability", {0, 1});
    if (const auto seed = fields.integer("seed", seeds)) {
        if (!when.probability) throw invalid_rule("stands beside probability only", fields.at("seed"));
        when.seed = static_cast<std::uint64_t>(*seed);
    }
    return when;
}

Latency read_latency(const Json& value, const std::string& pointer) {
    if (!value.is_object()) return {.time = distribution_from_json(value, pointer)};
    Latency latency;
    Json time = value;
    if (const auto sleep = time.find("sleep"); sleep != time.end()) {
        if (!sleep->is_boolean()) throw invalid_rule("must be true or false", pointer + "/sleep");
        latency.sleep = sleep->get<bool>();
        time.erase(sleep);
    }
    latency.time = distribution_from_json(time, pointer);
    return latency;
}

/// A time of `stream`: a distribution, but not a model's profile, which is the whole answer's.
std::optional<Distribution> read_pace(const Fields& fields, std::string_view name) {
    const Json* value = fields.find(name);
    if (value == nullptr) return std::nullopt;
    Distribution pace = distribution_from_json(*value, fields.at(name));
    if (pace.kind == Distribution::Kind::realistic) {
        throw invalid_rule("profile stands in latency only: it paces the stream as well",
                           fields.at(name) + "/profile");
    }
    return pace;
}

StreamPace read_stream(const Json& value, const std::string& pointer) {
    const Fields fields(value, pointer,
                        {"firstTokenMs", "interTokenMs", "jitterMs", "tokensPerChunk", "chunks"});
    StreamPace stream;
    stream.first_token = read_pace(fields, "firstTokenMs");
    stream.inter_token = read_pace(fields, "interTokenMs");
    stream.jitter_ms = fields.number("jitterMs", milliseconds).value_or(0);
    stream.tokens_per_chunk = fields.integer("tokensPerChunk", {1, 100'000});
    if (const Json* chunks = fields.find("chunks")) {
        const std::string at = fields.at("chunks");
        if (stream.tokens_per_chunk)
            throw invalid_rule("stands in place of tokensPerChunk, not beside it", at);
        if (!chunks->is_array() || chunks->empty())
            throw invalid_rule("must be a list of at least one text", at);
        for (std::size_t index = 0; index < chunks->size(); ++index) {
            const Json& chunk = (*chunks)[index];
            if (!chunk.is_string() || chunk.get_ref<const std::string&>().empty()) {
                throw invalid_rule("must be a text that is not empty", pointer_to(at, std::to_string(index)));
            }
            stream.chunks.push_back(chunk.get<std::string>());
        }
    }
    if (value.empty()) throw invalid_rule("says nothing", pointer);
    return stream;
}

Connection read_connection(const std::string& name, const std::string& pointer) {
    if (name == "reset") return Connection::reset;
    if (name == "hang") return Connection::hang;
    if (name == "truncate") return Connection::truncate;
    throw invalid_rule("must be reset, hang or truncate", pointer);
}

Fault read_error(const Json& value, const std::string& pointer) {
    const Fields fields(value, pointer,
                        {"name", "message", "status", "afterChunks", "afterMs", "connection"});
    Fault fault;
    if (const auto connection = fields.text("connection")) {
        fault.connection = read_connection(*connection, fields.at("connection"));
    }
    if (const auto name = fields.text("name")) {
        if (!is_id(*name))
            throw invalid_rule("must be the name of an error, such as ThrottlingException",
                               fields.at("name"));
        fault.name = *name;
    } else if (fault.connection == Connection::kept) {
        throw invalid_rule("needs a name or a connection fault", pointer);
    }
    fault.message = fields.text("message");
    if (const auto status = fields.integer("status", {400, 599})) fault.status = static_cast<int>(*status);
    if (fault.name.empty() && (fault.message || fault.status != 0)) {
        throw invalid_rule("a message or a status needs a name", pointer);
    }
    if (const auto chunks = fields.integer("afterChunks", counts))
        fault.after_chunks = static_cast<std::size_t>(*chunks);
    if (const auto ms = fields.integer("afterMs", milliseconds)) fault.after = Milliseconds{*ms};
    if (fault.after_chunks && fault.after)
        throw invalid_rule("stands in place of afterChunks, not beside it", fields.at("afterMs"));
    return fault;
}

/// Chunks set the cuts of the same rule's text: they must join to it.
void check_chunks(const Rule& rule) {
    if (!rule.stream || rule.stream->chunks.empty() || !rule.respond || rule.respond->answers.size() != 1)
        return;
    const Response& answer = rule.respond->answers.front();
    if (!answer.text || answer.text->find("{{") != std::string::npos) return;
    std::string joined;
    for (const std::string& chunk : rule.stream->chunks) joined += chunk;
    if (joined != *answer.text) throw invalid_rule("do not join to the text of respond", "/stream/chunks");
}

/// {{match.2}} needs a prompt pattern with two groups.
void check_templates(const Rule& rule) {
    if (!rule.respond) return;
    const int groups = rule.match.prompt ? rule.match.prompt->NumberOfCapturingGroups() : -1;
    for (const Response& answer : rule.respond->answers) {
        const int used = std::max({answer.text ? highest_group(*answer.text) : -1,
                                   answer.reasoning ? highest_group(*answer.reasoning) : -1,
                                   highest_group_in(answer.content)});
        if (used > groups) {
            throw invalid_rule(
                fmt::format("{{{{match.{}}}}} needs a pattern in /match/prompt with that many groups", used),
                "/respond");
        }
    }
}

std::vector<Json> checked_list(const Json& list, const std::string& pointer) {
    std::vector<Json> rules;
    for (std::size_t index = 0; index < list.size(); ++index) {
        try {
            rule_from_json(list[index]);
        } catch (InputError& error) {
            error.path = fmt::format("{}/{}{}", pointer, index, error.path);
            throw;
        }
        rules.push_back(list[index]);
    }
    return rules;
}

}  // namespace

const Response& Respond::answer(std::uint64_t nth) const {
    const std::size_t count = answers.size();
    return answers[cycle ? nth % count : std::min<std::uint64_t>(nth, count - 1)];
}

Rule rule_from_json(const Json& document) {
    const Fields fields(document, "", {"id", "match", "when", "latency", "stream", "error", "respond"});
    Rule rule;
    if (const auto id = fields.text("id")) {
        if (!is_id(*id)) throw invalid_rule("must be 1 to 128 letters, digits or -_.:", "/id");
        rule.id = *id;
    }
    if (const Json* match = fields.find("match")) rule.match = match_from_json(*match, "/match");
    if (const Json* when = fields.find("when")) rule.when = read_when(*when, "/when");
    if (const Json* latency = fields.find("latency")) rule.latency = read_latency(*latency, "/latency");
    if (const Json* stream = fields.find("stream")) rule.stream = read_stream(*stream, "/stream");
    if (const Json* error = fields.find("error")) rule.error = read_error(*error, "/error");
    if (const Json* respond = fields.find("respond")) rule.respond = respond_from_json(*respond, "/respond");
    if (!rule.latency && !rule.stream && !rule.error && !rule.respond) {
        throw invalid_rule("does nothing: give it respond, latency, error or stream", "");
    }
    check_chunks(rule);
    check_templates(rule);
    return rule;
}

std::vector<Json> rules_from_text(std::string_view text) {
    std::string fault;
    const auto document = parse_json(text, &fault);
    if (!document) throw invalid_rule(fault, "");
    if (document->is_array()) return checked_list(*document, "");
    if (document->is_object() && document->contains("rules")) {
        const Fields fields(*document, "", {"rules", "$schema"});
        fields.text("$schema");
        const Json& list = *fields.find("rules");
        if (!list.is_array()) throw invalid_rule("must be a list of rules", "/rules");
        return checked_list(list, "/rules");
    }
    rule_from_json(*document);
    return {*document};
}

}  // namespace rockwatch::rules
