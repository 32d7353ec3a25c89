#pragma once

#include <unistd.h>

#include <filesystem>
#include <future>
#include <string>

#include "storage/storage.hpp"

namespace rockwatch {

/// A folder of a test's own, gone when it ends.
class Scratch {
public:
    Scratch() {
        std::string pattern = (std::filesystem::temp_directory_path() / "rockwatch-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~Scratch() { std::filesystem::remove_all(folder_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    std::string file(const std::string& name = "test.db") const { return (folder_ / name).string(); }

private:
    std::filesystem::path folder_;
};

inline constexpr Migration note_steps[] = {
    {1, "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)"},
};
inline constexpr Migrations note_tables[] = {{"notes", note_steps}};

inline void add_note(Database& database, std::string_view text) {
    database.run("INSERT INTO note (text) VALUES (?)", text);
}

inline std::int64_t count_notes(Database& database) {
    Rows rows = database.query("SELECT count(*) FROM note");
    rows.step();
    return rows.integer(0);
}

inline std::int64_t count_notes(Storage& storage) {
    const auto lease = storage.read();
    return count_notes(*lease);
}

/// Keeps a storage's writer busy until it is opened, so that what is asked for meanwhile becomes one batch.
class Gate {
public:
    explicit Gate(Storage& storage) {
        auto started = std::make_shared<std::promise<void>>();
        auto has_started = started->get_future();
        storage.enqueue([started, opened = opened_.get_future().share()](Database&) {
            started->set_value();
            opened.wait();
        });
        has_started.wait();
    }
    void open() { opened_.set_value(); }

private:
    std::promise<void> opened_;
};

/// What somebody else sees who opens the file beside the server.
inline std::int64_t count_committed(const std::string& file) {
    Database outsider(file, Database::Mode::reader);
    return count_notes(outsider);
}

}  // namespace rockwatch
