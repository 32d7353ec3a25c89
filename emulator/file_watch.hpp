#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace rockwatch {

/// Tells when files, or the .json files of directories, have changed: written in place, written beside and
/// renamed, added, taken away, or reached through a symbolic link that was turned (as ConfigMaps are). One
/// thread, which the system wakes; a change is told once things have been quiet for a moment.
class FileWatch {
public:
    /// `changed` is called on the watch's thread, the first time at once: what changed before there was a
    /// watch is told, too. Throws InputError when the system has no watches left.
    FileWatch(std::vector<std::string> paths, std::function<void()> changed);
    ~FileWatch();
    FileWatch(const FileWatch&) = delete;
    FileWatch& operator=(const FileWatch&) = delete;

private:
    /// What matters within one watched directory.
    struct Interest {
        std::set<std::string> names;
        bool all_json = false;

        /// Else it is just on the way.
        bool has_entries() const { return all_json || !names.empty(); }
    };

    void run();
    bool wait(int timeout_ms) const;
    bool take_events();
    bool matters(int watch, unsigned mask, const std::string& name) const;
    void look_at_everything();
    void follow(const std::string& path, std::map<std::string, Interest>& interests) const;

    std::vector<std::string> paths_;
    std::function<void()> changed_;
    int notify_ = -1;
    int stop_ = -1;  // an eventfd
    std::map<int, std::pair<std::string, Interest>> watched_;
    std::thread thread_;
};

}  // namespace rockwatch
