// What a compiler cannot keep: floors of includes, lengths, clocks, unlisted sources, untested operations.

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"

namespace fs = std::filesystem;

namespace {

using Names = std::set<std::string>;

const fs::path root = ROCKWATCH_SOURCE_DIR;
constexpr std::size_t file_lines_max = 500;
constexpr std::size_t function_lines_max = 60;

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<fs::path> files_below(const char* folder, const Names& endings) {
    std::vector<fs::path> files;
    for (auto entry = fs::recursive_directory_iterator(root / folder);
         entry != fs::recursive_directory_iterator(); ++entry) {
        const std::string name = entry->path().filename().string();
        if (name == "node_modules" || name == "__pycache__" || name.starts_with('.'))
            entry.disable_recursion_pending();
        if (entry->is_regular_file() && endings.count(entry->path().extension().string()) > 0) {
            files.push_back(entry->path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string short_name(const fs::path& path) { return fs::relative(path, root).generic_string(); }

bool is_word(char letter) { return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_'; }

/// The place behind a comment, string or character that begins at `at`; `at` itself when none does.
std::size_t behind_text(const std::string& code, std::size_t at) {
    const auto past = [&](std::string_view end, std::size_t from) {
        const auto found = code.find(end, from);
        return found == std::string::npos ? code.size() : found + end.size();
    };
    const std::string_view rest = std::string_view(code).substr(at);
    if (rest.starts_with("//")) return past("\n", at) - 1;
    if (rest.starts_with("/*")) return past("*/", at + 2);
    if (rest.starts_with("R\"")) {
        const auto open = code.find('(', at);
        return past(")" + code.substr(at + 2, open - at - 2) + "\"", open);
    }
    const bool digit_separator = rest[0] == '\'' && at > 0 && is_word(code[at - 1]);
    if ((rest[0] != '"' && rest[0] != '\'') || digit_separator) return at;
    std::size_t end = at + 1;
    while (end < code.size() && code[end] != rest[0]) end += code[end] == '\\' ? 2 : 1;
    return std::min(end + 1, code.size());
}

/// The code with comments and texts blanked out; lines stay where they are.
std::string bare_code(const std::string& code) {
    std::string bare = code;
    for (std::size_t at = 0; at < code.size();) {
        const std::size_t end = behind_text(code, at);
        for (std::size_t blank = at; blank < end; ++blank) {
            if (bare[blank] != '\n') bare[blank] = ' ';
        }
        at = std::max(end, at + 1);
    }
    return bare;
}

bool has_word(std::string_view text, std::string_view word) {
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const bool starts = at == 0 || !is_word(text[at - 1]);
        const auto end = at + word.size();
        const bool ends = end == text.size() || !is_word(text[end]) || !is_word(word.back());
        if (starts && ends) return true;
    }
    return false;
}

/// core, services/logs, ...; `services` for the two headers that all services share, `main` for the top.
std::string room_of(const std::string& path) {
    const auto slash = path.find('/');
    if (slash == std::string::npos) return "main";
    const std::string folder = path.substr(0, slash);
    if (folder != "services") return folder;
    const auto second = path.find('/', slash + 1);
    return second == std::string::npos ? "services" : path.substr(0, second);
}

/// What each room may include beside itself; the picture is tree.md's. A service stands for all of them.
const std::map<std::string, Names>& floors() {
    static const std::map<std::string, Names> table = [] {
        const Names below_services = {"core", "protocol", "storage", "rules", "deliveries", "services"};
        const auto with = [](Names names, const Names& more) {
            names.insert(more.begin(), more.end());
            return names;
        };
        std::map<std::string, Names> rooms = {
            {"core", {}},
            {"protocol", {"core"}},
            {"storage", {"core"}},
            {"rules", {"core", "protocol", "storage"}},
            {"deliveries", {"core", "protocol", "storage"}},
            {"services", {"core", "protocol", "storage", "rules"}},  // the invocation's ReplyPlan
            {"one service", below_services},
            {"gateway", below_services},
        };
        rooms["world"] = with(below_services, {"gateway", "one service"});
        rooms["scenarios"] = with(rooms["world"], {"world"});
        rooms["control"] = with(rooms["scenarios"], {"scenarios"});
        rooms["http"] = with(rooms["control"], {"control"});
        rooms["main"] = with(rooms["http"], {"http"});
        return rooms;
    }();
    return table;
}

std::vector<std::string> includes_of(const std::string& code) {
    std::vector<std::string> includes;
    std::istringstream lines(code);
    for (std::string line; std::getline(lines, line);) {
        constexpr std::string_view start = "#include \"";
        if (line.starts_with(start))
            includes.push_back(line.substr(start.size(), line.rfind('"') - start.size()));
    }
    return includes;
}

std::string kind_of(const std::string& room) { return room.starts_with("services/") ? "one service" : room; }

/// Functions as "line count": blocks whose head has an argument list, outside of other such blocks.
std::vector<std::pair<std::size_t, std::size_t>> functions_of(const std::string& bare) {
    struct Block {
        bool function;
        std::size_t first_line;
    };
    std::vector<std::pair<std::size_t, std::size_t>> functions;
    std::vector<Block> open;
    std::string head;
    std::size_t head_line = 0;
    std::size_t line = 1;
    for (const char letter : bare) {
        if (letter == '\n') ++line;
        if (letter == '{') {
            const bool inside =
                std::any_of(open.begin(), open.end(), [](const Block& block) { return block.function; });
            const bool type = has_word(head, "class") || has_word(head, "struct") ||
                              has_word(head, "namespace") || has_word(head, "enum");
            open.push_back({!inside && !type && head.find('(') != std::string::npos, head_line});
        } else if (letter == '}' && !open.empty()) {
            if (open.back().function)
                functions.emplace_back(open.back().first_line, line - open.back().first_line + 1);
            open.pop_back();
        }
        if (letter == '{' || letter == '}' || letter == ';') {
            head.clear();
        } else {
            if (head.empty() && std::isspace(static_cast<unsigned char>(letter)) != 0) continue;
            if (head.empty()) head_line = line;
            head += letter;
        }
    }
    return functions;
}

/// Names in the rows of a service's table: {"PutMetricData", put_metric_data}.
Names operations_of(const std::string& code) {
    Names names;
    for (const std::string_view start : {"constexpr Operation<", "constexpr std::array<Door"}) {
        const auto table = code.find(start);
        const auto end = table == std::string::npos ? table : code.find("};", table);
        for (auto row = code.find("{\"", table); row < end; row = code.find("{\"", row + 1)) {
            names.insert(code.substr(row + 2, code.find('"', row + 2) - row - 2));
        }
    }
    return names;
}

/// PutMetricData as boto3 calls it: put_metric_data.
std::string snake_case(const std::string& name) {
    std::string snake;
    for (std::size_t at = 0; at < name.size(); ++at) {
        const bool upper = std::isupper(static_cast<unsigned char>(name[at])) != 0;
        if (upper && at > 0 && std::islower(static_cast<unsigned char>(name[at - 1])) != 0) snake += '_';
        snake += static_cast<char>(std::tolower(static_cast<unsigned char>(name[at])));
    }
    return snake;
}

const Names sources = {".cpp", ".hpp"};

}  // namespace

TEST_CASE("a room includes rooms of lower floors alone, and no service another one", "[tidy]") {
    std::string findings;
    for (const fs::path& file : files_below("emulator", sources)) {
        const std::string path = fs::relative(file, root / "emulator").generic_string();
        const std::string room = room_of(path);
        const auto floor = floors().find(kind_of(room));
        if (floor == floors().end()) {
            findings += "\n" + path + ": the room " + room + " stands on no floor";
            continue;
        }
        for (const std::string& include : includes_of(read(file))) {
            const std::string target = room_of(include);
            if (target != room && floor->second.count(kind_of(target)) == 0) {
                findings += "\n" + path + " includes " + include;
            }
            if (!fs::exists(root / "emulator" / include))
                findings += "\n" + path + ": no such file: " + include;
        }
    }
    CHECK(findings == "");
}

TEST_CASE("no file is longer than 500 lines", "[tidy]") {
    std::string findings;
    for (const char* folder : {"emulator", "tests"}) {
        for (const fs::path& file : files_below(folder, sources)) {
            const std::string code = read(file);
            const auto lines = static_cast<std::size_t>(std::count(code.begin(), code.end(), '\n'));
            if (lines > file_lines_max) findings += "\n" + short_name(file) + ": " + std::to_string(lines);
        }
    }
    CHECK(findings == "");
}

TEST_CASE("no function is longer than 60 lines", "[tidy]") {
    std::string findings;
    for (const fs::path& file : files_below("emulator", sources)) {
        for (const auto& [line, lines] : functions_of(bare_code(read(file)))) {
            if (lines <= function_lines_max) continue;
            findings += "\n" + short_name(file) + ":" + std::to_string(line) + ": " + std::to_string(lines) +
                        " lines";
        }
    }
    CHECK(findings == "");
}

TEST_CASE("nobody but the clock reads the wall clock, nobody but http sleeps, nobody uses std::regex",
          "[tidy]") {
    struct Row {
        std::string_view word;
        std::string_view allowed;  // where it may stand
    };
    constexpr Row rows[] = {
        {"system_clock", "emulator/core/clock.cpp"},
        {"high_resolution_clock", ""},
        {"gettimeofday(", ""},
        {"clock_gettime(", ""},
        {"std::time(", ""},
        {"time(nullptr", ""},
        {"time(NULL", ""},
        {"time(0", ""},
        {"std::regex", ""},
        {"sleep_for(", "emulator/http/"},
        {"sleep_until(", "emulator/http/"},
        {"usleep(", ""},
        {"nanosleep(", ""},
    };
    std::string findings;
    for (const fs::path& file : files_below("emulator", sources)) {
        const std::string code = bare_code(read(file));
        for (const Row& row : rows) {
            const bool allowed = !row.allowed.empty() && short_name(file).starts_with(row.allowed);
            if (!allowed && has_word(code, row.word))
                findings += "\n" + short_name(file) + ": " + std::string(row.word);
        }
    }
    CHECK(findings == "");
}

TEST_CASE("every source is built by some target", "[tidy]") {
    std::string findings;
    for (const char* folder : {"emulator", "tests"}) {
        for (const fs::path& file : files_below(folder, {".cpp"})) {
            bool listed = false;
            for (fs::path at = file.parent_path(); !listed && at != root.parent_path();
                 at = at.parent_path()) {
                const std::string targets = read(at / "CMakeLists.txt");
                listed = has_word(targets, fs::relative(file, at).generic_string());
            }
            if (!listed) findings += "\n" + short_name(file);
        }
    }
    CHECK(findings == "");
}

TEST_CASE("every operation of a service is named by some test", "[tidy]") {
    std::string tests;
    for (const fs::path& file : files_below("tests", {".cpp", ".hpp", ".json", ".py", ".sh"}))
        tests += read(file);
    std::string findings;
    std::size_t count = 0;
    for (const fs::path& file : files_below("emulator/services", {".cpp"})) {
        const Names operations = operations_of(read(file));
        count += operations.size();
        for (const std::string& name : operations) {
            if (!has_word(tests, name) && !has_word(tests, snake_case(name))) {
                findings += "\n" + short_name(file.parent_path()) + ": " + name;
            }
        }
    }
    CHECK(findings == "");
    CHECK(count > 100);  // the scan still knows a table when it sees one
}

TEST_CASE("the brace scan sees what a function is", "[tidy]") {
    const std::string code =
        "namespace a {\n"
        "struct S {\n"
        "    int f() const {\n"
        "        return \"{\"[0];  // }\n"
        "    }\n"
        "};\n"
        "constexpr int table[] = {\n"
        "    1,\n"
        "};\n"
        "int g(int x) {\n"
        "    if (x) {\n"
        "        return R\"sql({{{)sql\"[0];\n"
        "    }\n"
        "    return '{' + 1'000;\n"
        "}\n"
        "}\n";
    const std::vector<std::pair<std::size_t, std::size_t>> expected = {{3, 3}, {10, 6}};
    CHECK(functions_of(bare_code(code)) == expected);
}
