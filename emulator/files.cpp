#include "files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/error.hpp"

namespace rockwatch {

namespace {

namespace fs = std::filesystem;

InputError wrong_file(const std::string& path, const std::string& what, const std::string& pointer = {}) {
    const std::string place = pointer.empty() ? std::string{} : fmt::format(" (at {})", pointer);
    return {400, "InvalidFile", fmt::format("{}: {}{}", path, what, place), pointer};
}

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    if (file) text << file.rdbuf();
    if (!file) throw wrong_file(path, fmt::format("cannot be read: {}", std::strerror(errno)));
    return text.str();
}

std::vector<std::string> files_of(const std::string& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return {path};
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(path, error)) {
        if (entry.path().extension() == ".json") files.push_back(entry.path().string());
    }
    if (error) throw wrong_file(path, fmt::format("cannot be read: {}", error.message()));
    std::sort(files.begin(), files.end());
    return files;
}

SetupCall read_setup_call(const std::string& path, const Json& call, const std::string& pointer) {
    if (!call.is_object())
        throw wrong_file(path, "a call is an object with service, operation and input", pointer);
    for (const auto& [name, value] : call.items()) {
        const bool known = name == "service" || name == "operation" || name == "input" || name == "region";
        if (!known) throw wrong_file(path, "unknown member " + name, pointer + "/" + name);
        if (name == "input" ? !value.is_object() : !value.is_string()) {
            throw wrong_file(path, name == "input" ? "must be an object" : "must be a string",
                             pointer + "/" + name);
        }
    }
    if (!call.contains("service") || !call.contains("operation")) {
        throw wrong_file(path, "a call needs service and operation", pointer);
    }
    return {.service = call.at("service"),
            .operation = call.at("operation"),
            .input = call.contains("input") ? call.at("input") : Json::object(),
            .region = text_or_empty(call, "region")};
}

}  // namespace

std::vector<Json> read_rule_files(const std::vector<std::string>& paths) {
    std::vector<Json> rules;
    for (const std::string& path : paths) {
        for (const std::string& file : files_of(path)) {
            try {
                for (Json& rule : rules::rules_from_text(read_text(file))) rules.push_back(std::move(rule));
            } catch (const InputError& error) {
                if (error.code == "InvalidFile") throw;
                throw wrong_file(file, error.what(), error.path);
            }
        }
    }
    return rules;
}

std::vector<SetupCall> read_setup_files(const std::vector<std::string>& paths) {
    std::vector<SetupCall> calls;
    for (const std::string& path : paths) {
        std::string what;
        const auto json = parse_json(read_text(path), &what);
        if (!json) throw wrong_file(path, what);
        if (!json->is_array()) throw wrong_file(path, "a set-up file is a list of calls");
        for (std::size_t index = 0; index < json->size(); ++index) {
            calls.push_back(read_setup_call(path, (*json)[index], fmt::format("/{}", index)));
        }
    }
    return calls;
}

}  // namespace rockwatch
