#include "file_watch.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "core/error.hpp"
#include "core/instant.hpp"
#include "protocol/message.hpp"

namespace rockwatch {

namespace {

namespace fs = std::filesystem;

constexpr int quiet_ms = 50;             // an editor's several steps are one change
constexpr Milliseconds patience{1'000};  // somebody who writes all the time does not put it off for ever
constexpr int links_max = 40;            // as the system's own limit
constexpr unsigned own_events = IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr unsigned events =
    own_events | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB;

bool is_rule_name(const fs::path& name) {
    return name.extension() == ".json" && !name.string().starts_with('.');
}

/// The names on the way, `..` among them: what it leads up from may be a link.
std::vector<fs::path> parts_of(const fs::path& path) {
    std::vector<fs::path> parts;
    for (const fs::path& part : path.relative_path()) {
        if (!part.empty() && part != ".") parts.push_back(part);
    }
    return parts;
}

/// A new file says so twice: when it is made, empty as yet, and when it has been written.
bool will_be_closed(const fs::path& path) {
    std::error_code error;
    return fs::symlink_status(path, error).type() == fs::file_type::regular &&
           fs::hard_link_count(path, error) == 1;
}

}  // namespace

FileWatch::FileWatch(std::vector<std::string> paths, std::function<void()> changed)
    : paths_(std::move(paths)),
      changed_(std::move(changed)),
      notify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      stop_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (notify_ < 0 || stop_ < 0) {
        const std::string why = std::strerror(errno);
        if (notify_ >= 0) ::close(notify_);
        throw InputError(
            400, "InvalidOption",
            fmt::format("--watch: the system gives no watch: {} (see fs.inotify.max_user_instances)", why));
    }
    look_at_everything();
    thread_ = std::thread([this] { run(); });
}

FileWatch::~FileWatch() {
    const std::uint64_t one = 1;
    if (::write(stop_, &one, sizeof one) < 0) spdlog::error("the watch cannot be told to stop");
    thread_.join();
    ::close(notify_);
    ::close(stop_);
}

/// Notes every directory entry by which `path` is reached: its own, and those of links on the way; and every
/// directory, which may be moved.
void FileWatch::follow(const std::string& path, std::map<std::string, Interest>& interests) const {
    std::error_code error;
    fs::path rest = fs::absolute(path, error);
    for (int links = 0; links < links_max; ++links) {
        fs::path at = rest.root_path();
        fs::path target;
        const std::vector<fs::path> parts = parts_of(rest);
        for (std::size_t index = 0; index < parts.size(); ++index) {
            // A folder on the way that is moved or taken away tells it itself; what else happens in there is
            // nobody's business.
            interests[at.string()];
            if (parts[index] == "..") {
                at = at.parent_path();
                continue;
            }
            const fs::path next = at / parts[index];
            const auto type = fs::symlink_status(next, error).type();
            const bool is_last = index + 1 == parts.size();
            const bool is_missing = type == fs::file_type::not_found;
            const bool is_link = type == fs::file_type::symlink;
            // Of what is missing the first part will come first.
            if (is_last || is_missing || is_link) interests[at.string()].names.insert(parts[index].string());
            if (is_missing) return;
            if (is_link) {
                target = at / fs::read_symlink(next, error);
                while (++index < parts.size()) target /= parts[index];
                break;
            }
            at = next;
        }
        if (target.empty()) return;
        rest = target;
    }
}

/// The links may lead elsewhere by now, and directories may be others under their old names.
void FileWatch::look_at_everything() {
    std::map<std::string, Interest> interests;
    for (const std::string& path : paths_) {
        follow(path, interests);
        std::error_code error;
        if (!fs::is_directory(path, error)) continue;
        interests[fs::canonical(path, error).string()].all_json = true;
        for (const auto& entry : fs::directory_iterator(path, error)) {
            if (entry.is_symlink(error) && is_rule_name(entry.path().filename()))
                follow(entry.path(), interests);
        }
    }
    auto before = std::exchange(watched_, {});
    for (const auto& [directory, interest] : interests) {
        // The same number comes back for a directory that is watched already.
        const int watch =
            ::inotify_add_watch(notify_, directory.c_str(), interest.has_entries() ? events : own_events);
        if (watch >= 0) {
            watched_[watch] = {directory, interest};
            before.erase(watch);
        } else if (errno == ENOSPC) {
            spdlog::warn("--watch: {} cannot be watched: too many watches (fs.inotify.max_user_watches)",
                         directory);
        }
    }
    for (const auto& [watch, unused] : before) ::inotify_rm_watch(notify_, watch);
}

bool FileWatch::matters(int watch, unsigned mask, const std::string& name) const {
    if ((mask & IN_Q_OVERFLOW) != 0) return true;
    const auto found = watched_.find(watch);
    if (found == watched_.end()) return false;
    const auto& [directory, interest] = found->second;
    if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0) return true;
    const bool is_ours = interest.names.contains(name) || (interest.all_json && is_rule_name(name));
    const bool comes_again =
        (mask & IN_CREATE) != 0 && (mask & IN_ISDIR) == 0 && will_be_closed(fs::path(directory) / name);
    return is_ours && !comes_again;
}

bool FileWatch::take_events() {
    alignas(inotify_event) std::array<char, 16 * 1024> buffer;
    bool matter = false;
    for (;;) {
        const ssize_t count = ::read(notify_, buffer.data(), buffer.size());
        if (count <= 0) return matter;
        for (ssize_t at = 0; at < count;) {
            const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
            const std::string name = event->len > 0 ? std::string(event->name) : std::string{};
            matter = matters(event->wd, event->mask, name) || matter;
            at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
        }
    }
}

/// Until there is an event, the time is up, or it ends: false then.
bool FileWatch::wait(int timeout_ms) const {
    pollfd files[] = {{.fd = notify_, .events = POLLIN}, {.fd = stop_, .events = POLLIN}};
    while (::poll(files, 2, timeout_ms) < 0 && errno == EINTR) {
    }
    return (files[1].revents & POLLIN) == 0;
}

void FileWatch::run() {
    constexpr int no_limit = -1;
    changed_();  // since they were read, and before the watch began
    while (wait(no_limit)) {
        if (!take_events()) continue;
        const Milliseconds deadline = monotonic() + patience;
        while (monotonic() < deadline) {
            if (!wait(quiet_ms)) return;
            pollfd more{.fd = notify_, .events = POLLIN};
            if (::poll(&more, 1, 0) == 0) break;  // quiet for that long
            take_events();
        }
        // First the watches, then the files: what changes in between wakes it again.
        try {
            look_at_everything();
        } catch (const std::exception& error) {  // a folder that goes while it is looked at: its parent tells
            spdlog::debug("--watch: {}", error.what());
        }
        changed_();
    }
}

}  // namespace rockwatch
