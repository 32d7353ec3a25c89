#include "support/memory_disk.hpp"

#include <fmt/format.h>

#include <utility>

#include "support/disk_calls.hpp"

namespace rockwatch::test {

namespace {

int usual_code(Io kind) {
    switch (kind) {
        case Io::open:
            return SQLITE_CANTOPEN;
        case Io::read:
            return SQLITE_IOERR_READ;
        case Io::write:
            return SQLITE_IOERR_WRITE;
        case Io::sync:
            return SQLITE_IOERR_FSYNC;
        case Io::truncate:
            return SQLITE_IOERR_TRUNCATE;
        case Io::remove:
            return SQLITE_IOERR_DELETE;
    }
    return SQLITE_IOERR;
}

/// A file as the next process or the next power finds it.
std::shared_ptr<DiskFile> file_with(std::string_view bytes) {
    auto file = std::make_shared<DiskFile>();
    file->write(bytes, 0);
    file->sync();
    file->enter();
    return file;
}

}  // namespace

MemoryDisk::MemoryDisk(std::uint64_t seed)
    : name_(fmt::format("memory-disk-{}", static_cast<const void*>(this))), random_(seed) {
    vfs_ = DiskCalls::vfs(*this, name_.c_str());
    sqlite3_vfs_register(&vfs_, 0);
}

MemoryDisk::~MemoryDisk() { sqlite3_vfs_unregister(&vfs_); }

/// Counts one point of I/O; what SQLite is to hear when it fails. The caller holds the mutex.
int MemoryDisk::point(Io kind, const std::string& file) {
    ++points_;
    if (end_at_ && points_ > *end_at_) end_now();
    if (off_) return usual_code(kind);
    if (!fault_ || (fault_->kind && *fault_->kind != kind) || !file.ends_with(fault_->file_ends_with))
        return SQLITE_OK;
    if (fault_->after > 0) {
        --fault_->after;
        return SQLITE_OK;
    }
    const int code = fault_->code.value_or(usual_code(kind));
    has_failed_ = true;
    if (!fault_->lasting) fault_.reset();
    return code;
}

/// The caller holds the mutex.
void MemoryDisk::commit_is(CommitPoint point) {
    if (end_at_commit_ == point) end_now();
}

void MemoryDisk::end_now() {
    if (cut_seed_) cut_now(*cut_seed_);
    kill_now();  // unless the power went
}

/// What is in the folder now is so after a cut, too. The caller holds the mutex.
void MemoryDisk::sync_folder() {
    for (const auto& [name, file] : files_) file->enter();
    removed_.clear();
}

/// Who has files open keeps them, but they answer errors alone.
void MemoryDisk::end_epoch() {
    for (const auto* files : {&files_, &removed_}) {
        for (const auto& [name, file] : *files) file->dead = true;
    }
    off_ = true;
    end_at_.reset();
    end_at_commit_.reset();
}

void MemoryDisk::cut_now(std::uint64_t seed) {
    if (off_) return;
    std::mt19937_64 random(seed);
    end_epoch();
    std::map<std::string, std::shared_ptr<DiskFile>> left;
    for (const auto& [name, file] : removed_) {
        if (random() % 2 == 0) left[name] = file_with(file->after_cut(random));
    }
    for (const auto& [name, file] : files_) {
        if (file->is_entered() || random() % 2 == 0) left[name] = file_with(file->after_cut(random));
    }
    files_ = std::move(left);
    removed_.clear();
}

void MemoryDisk::cut(std::uint64_t seed) {
    const std::lock_guard lock(mutex_);
    cut_now(seed);
}

void MemoryDisk::cut_after(std::uint64_t points, std::uint64_t seed) {
    const std::lock_guard lock(mutex_);
    end_at_ = points_ + points;
    cut_seed_ = seed;
}

void MemoryDisk::cut_at_commit(CommitPoint point, std::uint64_t seed) {
    const std::lock_guard lock(mutex_);
    end_at_commit_ = point;
    cut_seed_ = seed;
}

/// The files go on under new names in memory, so that what the dead process does to the old ones is lost.
void MemoryDisk::kill_now() {
    if (off_) return;
    end_epoch();
    for (auto& [name, file] : files_) file = file->for_next_process();
    for (auto& [name, file] : removed_) file = file->for_next_process();
}

void MemoryDisk::kill() {
    const std::lock_guard lock(mutex_);
    kill_now();
}

void MemoryDisk::kill_after(std::uint64_t points) {
    const std::lock_guard lock(mutex_);
    end_at_ = points_ + points;
    cut_seed_.reset();
}

void MemoryDisk::kill_at_commit(CommitPoint point) {
    const std::lock_guard lock(mutex_);
    end_at_commit_ = point;
    cut_seed_.reset();
}

void MemoryDisk::start() {
    const std::lock_guard lock(mutex_);
    off_ = false;
    end_at_.reset();
    end_at_commit_.reset();
}

bool MemoryDisk::is_off() const {
    const std::lock_guard lock(mutex_);
    return off_;
}

void MemoryDisk::fail(const DiskFault& fault) {
    const std::lock_guard lock(mutex_);
    fault_ = fault;
    has_failed_ = false;
}

void MemoryDisk::heal() {
    const std::lock_guard lock(mutex_);
    fault_.reset();
}

bool MemoryDisk::has_failed() const {
    const std::lock_guard lock(mutex_);
    return has_failed_;
}

std::uint64_t MemoryDisk::points() const {
    const std::lock_guard lock(mutex_);
    return points_;
}

std::vector<std::string> MemoryDisk::files() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    names.reserve(files_.size());
    for (const auto& [name, file] : files_) names.push_back(name);
    return names;
}

bool MemoryDisk::has(const std::string& file) const {
    const std::lock_guard lock(mutex_);
    return files_.contains(file);
}

std::string MemoryDisk::read(const std::string& file) const {
    const std::lock_guard lock(mutex_);
    return files_.at(file)->written();
}

void MemoryDisk::put(const std::string& file, std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    files_[file] = file_with(bytes);
    removed_.erase(file);
}

void MemoryDisk::remove(const std::string& file) {
    const std::lock_guard lock(mutex_);
    files_.erase(file);
    removed_.erase(file);
}

}  // namespace rockwatch::test
