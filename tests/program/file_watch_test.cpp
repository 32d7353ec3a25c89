#include "file_watch.hpp"

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "storage/scratch.hpp"
#include "support/catch.hpp"

using namespace rockwatch;

namespace {

namespace fs = std::filesystem;

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

/// Counts what a watch tells.
class Told {
public:
    void tell() {
        const std::lock_guard lock(mutex_);
        ++count_;
        changed_.notify_all();
    }

    /// The changes so far; the first is the start's.
    int count() {
        const std::lock_guard lock(mutex_);
        return count_;
    }

    bool reaches(int count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return count_ >= count; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
};

/// Does something and waits until the watch has told of it.
template <class Change>
bool is_told(Told& told, Change&& change) {
    const int before = told.count();
    change();
    return told.reaches(before + 1);
}

}  // namespace

TEST_CASE("a watch tells of a file that is written, replaced, taken away and made again", "[watch]") {
    const Scratch scratch;
    const std::string file = scratch.file("rules.json");
    write(file, "1");
    Told told;
    const FileWatch watch({file}, [&] { told.tell(); });
    REQUIRE(told.reaches(1));
    CHECK(is_told(told, [&] { write(file, "2"); }));
    CHECK(is_told(told, [&] {
        write(scratch.file("beside"), "3");
        fs::rename(scratch.file("beside"), file);
    }));
    CHECK(is_told(told, [&] { fs::remove(file); }));
    CHECK(is_told(told, [&] { write(file, "4"); }));
}

TEST_CASE("a watch tells of the .json files of a folder, also when the folder comes again", "[watch]") {
    const Scratch scratch;
    const std::string folder = scratch.file("rules");
    fs::create_directory(folder);
    Told told;
    const FileWatch watch({folder + "/"}, [&] { told.tell(); });
    REQUIRE(told.reaches(1));
    CHECK(is_told(told, [&] { write(folder + "/a.json", "1"); }));
    CHECK(is_told(told, [&] { write(folder + "/a.json", "2"); }));
    CHECK(is_told(told, [&] { fs::rename(folder + "/a.json", folder + "/b.json"); }));
    CHECK(is_told(told, [&] { fs::remove(folder + "/b.json"); }));
    CHECK(is_told(told, [&] { fs::remove_all(folder); }));
    CHECK(is_told(told, [&] {
        fs::create_directory(scratch.file("next"));
        write(scratch.file("next") + "/c.json", "3");
        fs::rename(scratch.file("next"), folder);
    }));
    CHECK(is_told(told, [&] { write(folder + "/c.json", "4"); }));
}

TEST_CASE("a watch follows links that are turned, as mounted ConfigMaps are", "[watch]") {
    const Scratch scratch;
    const std::string folder = scratch.file("rules");
    fs::create_directories(folder + "/..1");
    fs::create_directories(folder + "/..2");
    write(folder + "/..1/a.json", "1");
    write(folder + "/..2/a.json", "2");
    fs::create_symlink("..1", folder + "/..data");
    fs::create_symlink("..data/a.json", folder + "/a.json");
    Told told;
    const FileWatch watch({folder}, [&] { told.tell(); });
    REQUIRE(told.reaches(1));
    CHECK(is_told(told, [&] {
        fs::create_symlink("..2", folder + "/..data_tmp");
        fs::rename(folder + "/..data_tmp", folder + "/..data");
    }));
    // What the link leads to now is watched, too.
    CHECK(is_told(told, [&] { write(folder + "/..2/a.json", "3"); }));
}

TEST_CASE("a watch tells when a folder above its file is replaced", "[watch]") {
    const Scratch scratch;
    const std::string top = scratch.file("top");
    const auto make = [](const std::string& above, const std::string& text) {
        fs::create_directories(above + "/middle/rules");
        write(above + "/middle/rules/a.json", text);
    };
    make(top, "1");
    Told told;
    const FileWatch watch({top + "/middle/rules/a.json"}, [&] { told.tell(); });
    REQUIRE(told.reaches(1));
    CHECK(is_told(told, [&] { fs::rename(top, scratch.file("old")); }));
    make(scratch.file("next"), "2");
    CHECK(is_told(told, [&] { fs::rename(scratch.file("next"), top); }));
    CHECK(is_told(told, [&] { write(top + "/middle/rules/a.json", "3"); }));
}

TEST_CASE("a watch goes up from where a link leads, not from where it stands", "[watch]") {
    const Scratch scratch;
    fs::create_directories(scratch.file("there") + "/inner");
    fs::create_symlink("there/inner", scratch.file("link"));
    const std::string file = scratch.file("there") + "/a.json";
    write(file, "1");
    Told told;
    const FileWatch watch({scratch.file("link") + "/../a.json"}, [&] { told.tell(); });
    REQUIRE(told.reaches(1));
    CHECK(is_told(told, [&] { write(file, "2"); }));
}

TEST_CASE("a watch does not tell of other files beside its own", "[watch]") {
    const Scratch scratch;
    const std::string file = scratch.file("rules.json");
    write(file, "1");
    Told told;
    const FileWatch watch({file}, [&] { told.tell(); });
    REQUIRE(told.reaches(1));
    write(scratch.file("notes.txt"), "x");
    write(scratch.file("other.json"), "x");
    CHECK(is_told(told, [&] { write(file, "2"); }));
    CHECK(told.count() == 2);
}
