#include "files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "option_table.hpp"
#include "option_values.hpp"
#include "options.hpp"

namespace rockwatch {

namespace {

namespace fs = std::filesystem;

std::string shown(const std::string& file, const std::string& what, const std::string& place) {
    if (place.empty()) return fmt::format("{}: {}", file, what);
    if (!place.starts_with('/')) return fmt::format("{}:{}: {}", file, place, what);
    return fmt::format("{}: {} (at {})", file, what, place);
}

/// Without what the file holds there ("last read: '…'"): a file of credentials holds secrets. What was
/// expected stays, where the reader itself has said it: the file may hold such words, too.
std::string without_last_read(const std::string& what) {
    const auto from = what.find("; last read: '");
    if (from == std::string::npos) return what;
    constexpr std::string_view mark = "'; expected ";
    const auto at = what.rfind(mark);
    const std::string expected = at == std::string::npos ? std::string{} : what.substr(at + mark.size());
    constexpr std::string_view known[] = {"string literal", "end of input", "':'", "'}'", "']'"};
    const bool is_told = std::find(std::begin(known), std::end(known), expected) != std::end(known);
    return what.substr(0, from) + (is_told ? "; expected " + expected : "");
}

/// "parse error at line 3, column 14: …", as editors jump to it.
FileError syntax_error(const std::string& file, const std::string& full) {
    const std::string what = without_last_read(full);
    int line = 0;
    int column = 0;
    int read = 0;
    if (std::sscanf(what.c_str(), "parse error at line %d, column %d: %n", &line, &column, &read) == 2 &&
        read > 0)
        return {file, what.substr(static_cast<std::size_t>(read)), fmt::format("{}:{}", line, column)};
    return {file, what};
}

void check_region(const std::string& path, const std::string& region, const std::string& pointer) {
    try {
        read_region(region);
    } catch (const WrongValue& wrong) {
        throw FileError(path, wrong.what(), pointer + "/region");
    }
}

SetupCall read_setup_call(const std::string& path, const Json& call, const std::string& pointer) {
    if (!call.is_object())
        throw FileError(path, "a call is an object with service, operation and input", pointer);
    for (const auto& [name, value] : call.items()) {
        const bool known = name == "service" || name == "operation" || name == "input" || name == "region";
        if (!known) throw FileError(path, "unknown member " + name, pointer + "/" + name);
        if (name == "input" ? !value.is_object() : !value.is_string()) {
            throw FileError(path, name == "input" ? "must be an object" : "must be a string",
                            pointer + "/" + name);
        }
    }
    if (!call.contains("service") || !call.contains("operation")) {
        throw FileError(path, "a call needs service and operation", pointer);
    }
    if (call.contains("region")) check_region(path, call.at("region"), pointer);
    return {.service = call.at("service"),
            .operation = call.at("operation"),
            .input = call.contains("input") ? call.at("input") : Json::object(),
            .region = text_or_empty(call, "region"),
            .file = path,
            .pointer = pointer};
}

/// Editors' locks begin with a dot. A link that leads nowhere is one, all the same: somebody meant a file.
bool is_rule_file(const fs::directory_entry& entry) {
    std::error_code error;
    const fs::path name = entry.path().filename();
    const auto type = entry.status(error).type();
    return name.extension() == ".json" && !name.string().starts_with('.') &&
           (type == fs::file_type::regular || type == fs::file_type::not_found);
}

std::vector<std::string> rule_files_of(const std::string& path, EmptyFolder empty) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return {path};
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(path, error)) {
        if (is_rule_file(entry)) files.push_back(entry.path().string());
    }
    if (error) throw FileError(path, fmt::format("cannot be read: {}", error.message()));
    if (files.empty() && empty == EmptyFolder::refused) throw FileError(path, "holds no .json file");
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<Json> rules_of_file(const std::string& file) {
    const std::string text = read_text_file(file);
    try {
        return rules::rules_from_text(text);
    } catch (const InputError& error) {
        if (error.path.empty()) throw syntax_error(file, error.what());
        throw FileError(file, error.what(), error.path);
    }
}

}  // namespace

FileError::FileError(std::string of, std::string what, std::string at)
    : InputError(400, "InvalidFile", shown(of, what, at), at.starts_with('/') ? at : std::string{}),
      file(std::move(of)),
      message(std::move(what)),
      place(std::move(at)) {}

std::string read_text_file(const std::string& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) throw FileError(path, "is a directory");
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    if (file) text << file.rdbuf();
    if (!file) throw FileError(path, fmt::format("cannot be read: {}", std::strerror(errno)));
    return text.str();
}

Json parse_json_of(const std::string& file, const std::string& text) {
    std::string what;
    auto json = parse_json(text, &what);
    if (!json) throw syntax_error(file, what);
    return std::move(*json);
}

Json read_json_file(const std::string& path) { return parse_json_of(path, read_text_file(path)); }

std::vector<Json> read_rule_files(const std::vector<std::string>& paths, EmptyFolder empty) {
    std::vector<Json> rules;
    std::map<std::string, std::string> file_of_id;
    for (const std::string& path : paths) {
        for (const std::string& file : rule_files_of(path, empty)) {
            for (Json& rule : rules_of_file(file)) {
                const std::string id = text_or_empty(rule, "id");
                const auto [other, is_new] = file_of_id.emplace(id, file);
                if (!id.empty() && !is_new)
                    throw FileError(file, fmt::format("the rule {} stands in {} already", id, other->second));
                rules.push_back(std::move(rule));
            }
        }
    }
    return rules;
}

std::vector<SetupCall> read_setup_files(const std::vector<std::string>& paths) {
    std::vector<SetupCall> calls;
    for (const std::string& path : paths) {
        const Json json = read_json_file(path);
        if (!json.is_array()) throw FileError(path, "a set-up file is a list of calls");
        for (std::size_t index = 0; index < json.size(); ++index) {
            calls.push_back(read_setup_call(path, json[index], fmt::format("/{}", index)));
        }
    }
    return calls;
}

Json read_config_file(const std::string& path) {
    Json json = read_json_file(path);
    if (!json.is_object()) throw FileError(path, "a config file is a JSON object of options");
    check_config(json, path);
    return json;
}

void rethrow_with_file(const InputError& error, const std::vector<SetupCall>& calls) {
    std::size_t index = 0;
    const std::string_view path = error.path;
    const bool has_index =
        error.code == "InvalidSetup" && path.size() > 1 &&
        std::from_chars(path.data() + 1, path.data() + path.size(), index).ec == std::errc{};
    if (!has_index || index >= calls.size()) throw error;
    const auto within_call = std::min(path.find('/', 1), path.size());
    throw FileError(calls[index].file, error.what(),
                    calls[index].pointer + std::string(path.substr(within_call)));
}

}  // namespace rockwatch
