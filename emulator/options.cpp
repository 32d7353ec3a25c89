#include "options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>

#include "core/error.hpp"
#include "core/text.hpp"
#include "files.hpp"
#include "option_table.hpp"
#include "option_values.hpp"

namespace rockwatch {

namespace {

using Texts = std::vector<std::string>;

InputError bad_option(const std::string& message) { return {400, "InvalidOption", message}; }

/// Where an option's value stands, as the error says it, and what stands there.
struct Given {
    std::string place;  ///< --port, ROCKWATCH_PORT, rockwatch.json (at /port)
    Texts texts;
};

/// How many letters must be changed, added or left out to make one word of the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

/// " Did you mean X?", or nothing when no word is near.
std::string suggestion(std::string_view word, const Texts& words) {
    std::string best;
    std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const std::string& other : words) {
        // Who leaves the end out means it all the same: --cred.
        const std::size_t apart = word.size() > 3 && other.starts_with(word) ? 1 : distance(word, other);
        if (apart >= least) continue;
        least = apart;
        best = other;
    }
    return best.empty() ? ". See rockwatch --help" : fmt::format(". Did you mean {}?", best);
}

Texts option_names(std::string_view prefix) {
    Texts names;
    for (const OptionRow& row : option_rows()) names.push_back(fmt::format("{}{}", prefix, row.name));
    return names;
}

/// What CLI11 makes of the words: which options were given, and the rest.
class CommandLine {
public:
    CommandLine();

    /// False when help or version have been printed. Throws InputError.
    bool parse(Texts words, Invocation& invocation, int& exit_code);

    const Texts& flags(std::string_view name) const { return flags_.find(name)->second; }

private:
    struct Own {
        Texts shell, wait, command, files;  // of env, healthcheck, exec, validate
    };

    CLI::App* add_command(const char* name, const char* meaning);
    void print_help() const;
    void refuse_leftovers() const;
    void take_own(const Texts& behind, Invocation& invocation) const;

    CLI::App app_{"Rockwatch: Amazon Bedrock and CloudWatch on your own machine, for tests.", "rockwatch"};
    std::map<std::string, Texts, std::less<>> flags_;
    Own own_;
    std::map<const CLI::App*, Command> commands_;
    CLI::App* serve_ = nullptr;
};

CLI::Option* add_option(CLI::App& app, const OptionRow& row, Texts& target) {
    const std::string name = fmt::format("--{}", row.name);
    if (row.kind == OptionRow::Kind::flag) {
        return app.add_flag(name, target, std::string(row.meaning))
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
    return app.add_option(name, target, std::string(row.meaning))
        ->type_name(std::string(row.takes))
        ->default_str(std::string(row.unset))
        ->expected(1, -1)
        ->allow_extra_args(false);
}

CommandLine::CommandLine() {
    app_.set_version_flag("--version", std::string("rockwatch ") + ROCKWATCH_VERSION);
    app_.require_subcommand(0, 1);
    app_.fallthrough();
    app_.allow_extras();
    app_.footer(
        "Every option can stand in the environment (--max-body is ROCKWATCH_MAX_BODY; commas part a list) "
        "and "
        "in the --config file. Flags win over the environment, that over the file.");
    for (const OptionRow& row : option_rows()) add_option(app_, row, flags_[std::string(row.name)]);
    app_.add_option("--config", flags_["config"], "the same options as a JSON file")
        ->type_name("FILE")
        ->expected(1, -1)
        ->allow_extra_args(false);

    serve_ = add_command("serve", "start the server (the default)");
    commands_[serve_] = Command::serve;
    CLI::App* env = add_command("env", "print the variables that point SDKs here");
    env->add_option("--shell", own_.shell, "sh, fish, powershell, dotenv or json")->allow_extra_args(false);
    commands_[env] = Command::env;
    CLI::App* exec =
        add_command("exec", "start a throw-away server, run a command against it, exit with its code");
    exec->add_option("command", own_.command, "the command and its arguments, after --");
    commands_[exec] = Command::exec;
    CLI::App* healthcheck = add_command("healthcheck", "exit 0 when a server answers");
    healthcheck->add_option("--wait", own_.wait, "seconds to wait for it")->allow_extra_args(false);
    commands_[healthcheck] = Command::healthcheck;
    CLI::App* validate = add_command("validate", "check rule, set-up, config and credentials files");
    validate->add_option("files", own_.files, "files to check");
    commands_[validate] = Command::validate;
    commands_[add_command("coverage", "print the table of operations, as the README has it")] =
        Command::coverage;
    for (const char* later : {"test", "simulate"}) add_command(later, "not supported yet");
}

CLI::App* CommandLine::add_command(const char* name, const char* meaning) {
    CLI::App* command = app_.add_subcommand(name, meaning);
    command->allow_extras()->footer(
        "The server's options (rockwatch --help) may stand before or behind the command.");
    return command;
}

/// The server's own command has all the options: its help is that of the whole.
void CommandLine::print_help() const {
    const auto chosen = app_.get_subcommands();
    const CLI::App* shown = chosen.empty() || chosen.front() == serve_ ? &app_ : chosen.front();
    const std::string name = shown == &app_ ? app_.get_name() : "rockwatch " + shown->get_name();
    std::fputs(shown->get_formatter()->make_help(shown, name, CLI::AppFormatMode::Normal).c_str(), stdout);
}

void CommandLine::refuse_leftovers() const {
    const Texts left = app_.remaining(true);
    if (left.empty()) return;
    const std::string& word = left.front();
    if (word.starts_with('-')) {
        const std::string flag = word.substr(0, word.find('='));
        Texts known = option_names("--");
        known.insert(known.end(), {"--config", "--help", "--version", "--shell", "--wait"});
        throw bad_option(fmt::format("there is no option {}{}", flag, suggestion(flag, known)));
    }
    Texts known;
    for (const auto* command : app_.get_subcommands({})) known.push_back(command->get_name());
    const bool has_command = !app_.get_subcommands().empty();
    if (has_command)
        throw bad_option(fmt::format("{}: nothing is known to do with {}. See rockwatch {} --help",
                                     app_.get_subcommands().front()->get_name(), word,
                                     app_.get_subcommands().front()->get_name()));
    throw bad_option(fmt::format("there is no command {}{}", word, suggestion(word, known)));
}

/// What an option that is given once at most was given.
std::string single(const Texts& texts, const char* flag, const std::string& otherwise) {
    if (texts.size() > 1) throw bad_option(fmt::format("{} is given {} times", flag, texts.size()));
    return texts.empty() ? otherwise : texts.front();
}

void CommandLine::take_own(const Texts& behind, Invocation& invocation) const {
    invocation.arguments = invocation.command == Command::exec ? own_.command : own_.files;
    const bool takes_words = invocation.command == Command::exec || invocation.command == Command::validate;
    if (!behind.empty() && !takes_words)
        throw bad_option(
            fmt::format("nothing is known to do with what stands behind --: {}", behind.front()));
    invocation.arguments.insert(invocation.arguments.end(), behind.begin(), behind.end());
    if (takes_words && invocation.arguments.empty()) {
        throw bad_option(invocation.command == Command::exec
                             ? "exec: the command is missing: rockwatch exec -- COMMAND…"
                             : "validate: the files are missing: rockwatch validate FILE…");
    }
    invocation.shell = single(own_.shell, "--shell", "sh");
    const Texts shells = {"sh", "fish", "powershell", "dotenv", "json"};
    if (std::find(shells.begin(), shells.end(), invocation.shell) == shells.end())
        throw bad_option(
            fmt::format("--shell {}: must be sh, fish, powershell, dotenv or json", invocation.shell));
    const std::string wait = single(own_.wait, "--wait", "0");
    try {
        invocation.wait_seconds = static_cast<int>(read_whole_number(wait, {0, 86400}));
    } catch (const WrongValue& wrong) {
        throw bad_option(fmt::format("--wait {}: {}", wait, wrong.what()));
    }
}

bool CommandLine::parse(Texts words, Invocation& invocation, int& exit_code) {
    // What follows -- belongs to somebody else: CLI11 does not get to see it.
    const auto mark = std::find(words.begin(), words.end(), "--");
    const Texts behind(mark == words.end() ? mark : mark + 1, words.end());
    words.erase(mark, words.end());
    std::reverse(words.begin(), words.end());  // as CLI11 takes them
    try {
        app_.parse(std::move(words));
    } catch (const CLI::CallForHelp&) {
        print_help();
        exit_code = 0;
        return false;
    } catch (const CLI::CallForVersion& call) {
        exit_code = app_.exit(call);
        return false;
    } catch (const CLI::ParseError& error) {
        const std::string_view what = error.what();
        throw bad_option(fmt::format("{}: its value is missing", what.substr(0, what.find(':'))));
    }
    const auto chosen = app_.get_subcommands();
    if (!chosen.empty()) {
        const auto command = commands_.find(chosen.front());
        if (command == commands_.end())
            throw bad_option(fmt::format("the command {} is not supported yet", chosen.front()->get_name()));
        invocation.command = command->second;
    }
    refuse_leftovers();
    take_own(behind, invocation);
    return true;
}

std::string variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::string{} : value;
}

Texts parts_of(const OptionRow& row, const std::string& text) {
    if (row.kind != OptionRow::Kind::list) return {text};
    Texts parts;
    for (const auto part : split(text, ',')) {
        if (const auto trimmed = trim(part); !trimmed.empty()) parts.emplace_back(trimmed);
    }
    return parts;
}

std::string scalar_text(const OptionRow& row, const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    const bool is_list = row.kind == OptionRow::Kind::list;  // of names
    if (!is_list && (value.is_number() || value.is_boolean())) return value.dump();
    throw WrongValue(is_list ? "must be a text, or a list of texts"
                             : "must be a text, a number or a boolean");
}

/// An option's value in the --config file. Throws WrongValue.
Texts texts_of(const OptionRow& row, const Json& value) {
    if (!value.is_array()) return {scalar_text(row, value)};
    if (row.kind != OptionRow::Kind::list) throw WrongValue("takes one value, not a list");
    Texts texts;
    for (const Json& one : value) texts.push_back(scalar_text(row, one));
    return texts;
}

/// Kubernetes and docker --link tell where a service called rockwatch is:
/// ROCKWATCH_PORT=tcp://10.96.1.2:4566. Of the names that they make (…_SERVICE_HOST, …_PORT_4566_TCP, …) this
/// one alone is an option's, too.
bool tells_of_a_service(const OptionRow& row, std::string_view text) {
    return row.name == "port" && text.starts_with("tcp://");
}

Given find_value(const OptionRow& row, const CommandLine& line, const std::string& config_path,
                 const Json& config) {
    if (const Texts& flags = line.flags(row.name); !flags.empty()) {
        if (row.kind == OptionRow::Kind::value && flags.size() > 1)
            throw bad_option(fmt::format("--{} is given {} times", row.name, flags.size()));
        return {.place = fmt::format("--{}", row.name), .texts = flags};
    }
    const std::string name = variable_of(row.name);
    if (const std::string text = variable(name); !text.empty() && !tells_of_a_service(row, text))
        return {.place = name, .texts = parts_of(row, text)};
    if (row.name == "region") {
        if (const std::string text = variable("AWS_REGION"); !text.empty())
            return {.place = "AWS_REGION", .texts = {text}};
    }
    const auto member = config.find(row.name);  // each has been checked when the file was read
    if (member == config.end()) return {};
    return {.place = fmt::format("{} (at /{})", config_path, row.name), .texts = texts_of(row, *member)};
}

Options read_options(const CommandLine& line) {
    std::string config_path = single(line.flags("config"), "--config", variable("ROCKWATCH_CONFIG"));
    const Json config = config_path.empty() ? Json::object() : read_config_file(config_path);
    Options options;
    for (const OptionRow& row : option_rows()) {
        const Given given = find_value(row, line, config_path, config);
        for (const std::string& text : given.texts) {
            try {
                row.read(options, text);
            } catch (const WrongValue& wrong) {
                // A token is no word for a log.
                const bool is_secret = row.name == "control-token";
                throw bad_option(fmt::format("{}{}{}: {}", given.place, is_secret ? "" : " ",
                                             is_secret ? "" : text, wrong.what()));
            }
        }
        if (given.texts.empty()) continue;
        if (row.name == "port") options.is_port_given = true;
        if (row.name == "db") options.is_db_given = true;
    }
    check_together(options);
    return options;
}

}  // namespace

void check_config(const Json& config, const std::string& path) {
    for (const auto& [name, value] : config.items()) {
        const OptionRow* row = find_option(name);
        if (row == nullptr)
            throw FileError(path,
                            fmt::format("there is no option {}{}", name, suggestion(name, option_names(""))),
                            "/" + name);
        Options scratch;
        try {
            for (const std::string& text : texts_of(*row, value)) row->read(scratch, text);
        } catch (const WrongValue& wrong) {
            throw FileError(path, wrong.what(), "/" + name);
        }
    }
}

std::optional<Invocation> read_command_line(int count, char** values, int& exit_code) {
    CommandLine line;
    Invocation invocation;
    if (!line.parse(Texts(values + 1, values + count), invocation, exit_code)) return std::nullopt;
    invocation.options = read_options(line);
    return invocation;
}

}  // namespace rockwatch
