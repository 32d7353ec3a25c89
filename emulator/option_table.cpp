#include "option_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/error.hpp"
#include "core/text.hpp"
#include "deliveries/outbound_policy.hpp"
#include "option_values.hpp"

namespace rockwatch {

namespace {

using Kind = OptionRow::Kind;

/// The value of one of a few words.
template <class Value>
struct Word {
    std::string_view text;
    Value value;
};

template <class Value, std::size_t count>
Value choose(const std::string& text, const Word<Value> (&words)[count]) {
    std::string all;
    for (std::size_t index = 0; index < count; ++index) {
        if (words[index].text == text) return words[index].value;
        all += (index == 0 ? "" : index + 1 == count ? " or " : ", ") + std::string(words[index].text);
    }
    throw WrongValue("must be " + all);
}

std::string not_empty(const std::string& text, const char* what) {
    if (text.empty()) throw WrongValue(fmt::format("must be {}, not empty", what));
    return text;
}

int read_int(const std::string& text, Bounds bounds) {
    return static_cast<int>(read_whole_number(text, bounds));
}

/// A rule file is read when the server starts; that it has a name can be told at once.
void read_path(std::vector<std::string>& paths, const std::string& text) {
    paths.push_back(not_empty(text, "a file"));
}

std::string read_account(const std::string& text) {
    const bool is_account = text.size() == 12 && text.find_first_not_of("0123456789") == std::string::npos;
    if (!is_account) throw WrongValue("must be an account id: 12 digits");
    return text;
}

constexpr std::int64_t max_body_min = 1024;
constexpr std::int64_t bytes_max = std::int64_t{1} << 40;
constexpr std::int64_t db_bytes_min = 4 << 20;  // the tables alone take a part of the first MiB
constexpr std::int64_t no_bound = std::numeric_limits<std::int64_t>::max();

constexpr OptionRow front_rows[] = {
    {"host", "H", "localhost", "address to bind; localhost is 127.0.0.1 and ::1", Kind::value,
     [](Options& o, const std::string& text) { o.host = not_empty(text, "an address or a host name"); }},
    {"port", "N", "4566", "0 picks a free port", Kind::value,
     [](Options& o, const std::string& text) {
         o.port = read_int(text, {0, 65535});
     }},
    {"port-file", "F", "", "file that gets the port once the server accepts connections", Kind::value,
     [](Options& o, const std::string& text) { o.port_file = not_empty(text, "a file"); }},
    {"auth", "off|verify", "off", "verify signatures and bearer tokens against --credentials", Kind::value,
     [](Options& o, const std::string& text) {
         o.auth = choose<Auth>(text, {{"off", Auth::off}, {"verify", Auth::verify}});
     }},
    {"credentials", "FILE", "", "who may call with --auth verify: JSON, or AWS's own credentials file",
     Kind::value, [](Options& o, const std::string& text) { o.credentials = not_empty(text, "a file"); }},
    {"keep-alive", "SECONDS", "75", "how long an idle connection stays open", Kind::value,
     [](Options& o, const std::string& text) {
         o.keep_alive_seconds = read_int(text, {1, 86400});
     }},
    {"max-body", "BYTES", "64MiB", "largest request body: bytes, or with KiB, MiB, GiB", Kind::value,
     [](Options& o, const std::string& text) {
         o.max_body = read_bytes(text, {max_body_min, bytes_max});
     }},
    {"max-connections", "N", "10000", "connections open at once", Kind::value,
     [](Options& o, const std::string& text) {
         o.max_connections = read_int(text, {1, 1'000'000});
     }},
    {"workers-max", "N", "4096", "calls in flight at once", Kind::value,
     [](Options& o, const std::string& text) {
         o.workers_max = read_int(text, {1, 100'000});
     }},
    {"host-name", "NAME", "", "a Host that is accepted beside the local ones (repeatable)", Kind::list,
     [](Options& o, const std::string& text) { o.host_names.push_back(read_host(text)); }},
    {"cors-origin", "ORIGIN", "", "an Origin whose pages may call AWS paths (repeatable)", Kind::list,
     [](Options& o, const std::string& text) { o.cors_origins.push_back(read_origin(text)); }},
    {"control-token", "T", "", "bearer token that /_rockwatch/ asks for", Kind::value,
     [](Options& o, const std::string& text) { o.control_token = not_empty(text, "a token"); }},
    {"log-level", "L", "info", "trace, debug, info, warn, error or off", Kind::value,
     [](Options& o, const std::string& text) {
         o.log_level = choose<std::string_view>(text, {{"trace", "trace"},
                                                       {"debug", "debug"},
                                                       {"info", "info"},
                                                       {"warn", "warn"},
                                                       {"error", "error"},
                                                       {"off", "off"}});
     }},
    {"log-format", "text|json", "text", "form of the emulator's own log, on standard error", Kind::value,
     [](Options& o, const std::string& text) {
         o.log_format = choose<LogFormat>(text, {{"text", LogFormat::text}, {"json", LogFormat::json}});
     }},
};

constexpr OptionRow world_rows[] = {
    {"db", "PATH", "rockwatch.db", "SQLite file; :memory: for a throw-away run", Kind::value,
     [](Options& o, const std::string& text) { o.db = not_empty(text, "a file, or :memory:"); }},
    {"durability", "process|power", "process",
     "what an acknowledged write survives: a killed process, or lost power", Kind::value,
     [](Options& o, const std::string& text) {
         o.durability =
             choose<Durability>(text, {{"process", Durability::process}, {"power", Durability::power}});
     }},
    {"invocation-log", "async|sync", "async",
     "an invocation's log record: committed within 50 ms of the answer, or before it", Kind::value,
     [](Options& o, const std::string& text) {
         using bedrock_runtime::InvocationLog;
         o.runtime.invocation_log =
             choose<InvocationLog>(text, {{"async", InvocationLog::async}, {"sync", InvocationLog::sync}});
     }},
    {"max-db-size", "BYTES", "", "largest size of the database; writes beyond it are refused", Kind::value,
     [](Options& o, const std::string& text) {
         o.max_db_size = read_bytes(text, {db_bytes_min, bytes_max});
     }},
    {"rules", "FILE|DIR", "", "rules loaded at start (repeatable)", Kind::list,
     [](Options& o, const std::string& text) { read_path(o.rules, text); }},
    {"watch", "", "false", "read --rules again when they change", Kind::flag,
     [](Options& o, const std::string& text) {
         o.watch = choose<bool>(text, {{"true", true}, {"false", false}, {"1", true}, {"0", false}});
     }},
    {"setup", "FILE", "", "calls made before the port opens (repeatable)", Kind::list,
     [](Options& o, const std::string& text) { read_path(o.setup, text); }},
    {"region", "R", "us-east-1", "used when a request names none (AWS_REGION counts, too)", Kind::value,
     [](Options& o, const std::string& text) { o.region = read_region(text); }},
    {"account", "A", "000000000000", "used when a request names none", Kind::value,
     [](Options& o, const std::string& text) { o.account = read_account(text); }},
    {"iam", "lenient|strict", "lenient", "lenient: an unknown role is accepted; strict: it must exist",
     Kind::value,
     [](Options& o, const std::string& text) {
         o.iam = choose<IamMode>(text, {{"lenient", IamMode::lenient}, {"strict", IamMode::strict}});
     }},
    {"unmatched", "answer|reject", "answer", "an invocation that no rule answers", Kind::value,
     [](Options& o, const std::string& text) {
         using bedrock_runtime::Unmatched;
         o.runtime.unmatched =
             choose<Unmatched>(text, {{"answer", Unmatched::answer}, {"reject", Unmatched::reject}});
     }},
    {"unknown-models", "accept|reject", "reject", "a model id outside the catalogue", Kind::value,
     [](Options& o, const std::string& text) {
         using bedrock_runtime::UnknownModels;
         o.runtime.unknown_models = choose<UnknownModels>(
             text, {{"accept", UnknownModels::accept}, {"reject", UnknownModels::reject}});
     }},
    {"latency", "none|realistic", "none", "latency when no rule gives one", Kind::value,
     [](Options& o, const std::string& text) {
         using bedrock_runtime::DefaultLatency;
         o.runtime.latency = choose<DefaultLatency>(
             text, {{"none", DefaultLatency::none}, {"realistic", DefaultLatency::realistic}});
     }},
    {"clock", "real|frozen|scaled:N", "",
     "how the clock starts (without it: as the database has it, else real)", Kind::value, read_clock},
    {"now", "T", "", "start reading of the clock, ISO 8601 or epoch milliseconds", Kind::value,
     [](Options& o, const std::string& text) { o.now = read_now(text); }},
    {"seed", "N", "1", "seed of everything random", Kind::value,
     [](Options& o, const std::string& text) {
         o.seed = static_cast<std::uint64_t>(read_whole_number(text, {0, no_bound}));
     }},
    {"journal", "N", "10000", "how many calls the journal keeps", Kind::value,
     [](Options& o, const std::string& text) {
         o.journal = read_whole_number(text, {1, 10'000'000});
     }},
    {"allow-outbound", "HOST", "", "a host that SNS and webhooks may reach beside local ones (repeatable)",
     Kind::list, [](Options& o, const std::string& text) { o.allow_outbound.push_back(read_host(text)); }},
    {"destination", "ARN=URL", "", "where deliveries to Lambda, Kinesis and Firehose ARNs go (repeatable)",
     Kind::list,
     [](Options& o, const std::string& text) { o.destinations.push_back(read_destination(text)); }},
};

/// Why the outbox would never post there; nullopt when it may.
std::optional<std::string> refusal_of(const Options& options, const std::string& url_text) {
    const auto url = deliveries::parse_url(url_text);
    if (!url) return "it is no URL";
    if (auto refusal = deliveries::host_refusal({.allowed_hosts = options.allow_outbound}, *url))
        return refusal;
    const auto address = deliveries::parse_address(url->host);
    return address ? deliveries::address_refusal(*address) : std::nullopt;
}

InputError bad_option(const std::string& message) { return {400, "InvalidOption", message}; }

}  // namespace

std::span<const OptionRow> option_rows() {
    static const std::vector<OptionRow> all = [] {
        std::vector<OptionRow> rows(std::begin(front_rows), std::end(front_rows));
        rows.insert(rows.end(), std::begin(world_rows), std::end(world_rows));
        return rows;
    }();
    return all;
}

const OptionRow* find_option(std::string_view name) {
    const auto rows = option_rows();
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const OptionRow& row) { return row.name == name; });
    return found == rows.end() ? nullptr : &*found;
}

std::string variable_of(std::string_view option) {
    std::string name = "ROCKWATCH_";
    for (const char letter : option)
        name +=
            letter == '-' ? '_' : static_cast<char>(letter >= 'a' && letter <= 'z' ? letter - 32 : letter);
    return name;
}

void check_together(const Options& options) {
    if (options.watch && options.rules.empty())
        throw bad_option("--watch: there is nothing to watch: name a file or a directory with --rules");
    if (options.auth == Auth::verify && options.credentials.empty())
        throw bad_option("--auth verify: nobody could call: name a file with --credentials");
    if (options.auth == Auth::off && !options.credentials.empty())
        throw bad_option("--credentials: nothing is verified without --auth verify");
    for (const auto& destination : options.destinations) {
        if (const auto refusal = refusal_of(options, destination.url))
            throw bad_option(
                fmt::format("--destination {}={}: {}", destination.arn, destination.url, *refusal));
    }
}

}  // namespace rockwatch
