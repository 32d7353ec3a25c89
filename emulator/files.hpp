#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"
#include "world/world.hpp"

namespace rockwatch {

/// A file that a person gave us is wrong, and where.
struct FileError : InputError {
    /// `place`: a JSON pointer, or line:column; empty: the whole.
    FileError(std::string file, std::string what, std::string place = {});

    std::string file;
    std::string message;  ///< without file and place
    std::string place;
};

/// The files that the command line names. Each throws FileError.

std::string read_text_file(const std::string& path);
/// The document; a syntax error tells line and column, and nothing of the text: it may be a secret.
Json read_json_file(const std::string& path);
/// The same of a file that has been read.
Json parse_json_of(const std::string& file, const std::string& text);

/// Whether a directory without a .json file is a mistake; where files come and go it is not.
enum class EmptyFolder { refused, accepted };
/// Rules of files, or of directories' .json files in the order of their names. Two rules of one id are an
/// error.
std::vector<Json> read_rule_files(const std::vector<std::string>& paths,
                                  EmptyFolder empty = EmptyFolder::refused);

/// `[{"service":"logs","operation":"CreateLogGroup","input":{…},"region":"…"}]`
std::vector<SetupCall> read_setup_files(const std::vector<std::string>& paths);

/// The options as JSON, each of which is known and takes its value.
Json read_config_file(const std::string& path);

/// What the world says about one of its set-up calls, with the call's file and place. Others as they are.
[[noreturn]] void rethrow_with_file(const InputError& error, const std::vector<SetupCall>& calls);

}  // namespace rockwatch
