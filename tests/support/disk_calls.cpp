#include "support/disk_calls.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <utility>

#include "support/memory_disk.hpp"

namespace rockwatch::test {

/// What of a transaction's last frame this opening of a log has written since it was synced.
enum class CommitFrame { none, header, whole };

/// One opening of a file.
struct DiskCalls::Handle : sqlite3_file {
    MemoryDisk* disk = nullptr;
    std::shared_ptr<DiskFile> file;
    std::string name;
    int level = SQLITE_LOCK_NONE;
    bool syncs_folder = false;  // with its next sync, as the system's VFS does it for journals and logs
    bool uses_memory = false;
    unsigned shared_bits = 0;  // of the shared memory's locks
    CommitFrame commit = CommitFrame::none;
};

namespace {

DiskCalls::Handle& handle_of(sqlite3_file* file) { return *static_cast<DiskCalls::Handle*>(file); }

MemoryDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<MemoryDisk*>(vfs->pAppData); }

unsigned bits_of(int first, int count) {
    return ((1U << static_cast<unsigned>(count)) - 1U) << static_cast<unsigned>(first);
}

/// A frame of a log has a header of 24 bytes, of which the second four tell how many pages the database has,
/// if a transaction ends with it (sqlite.org/fileformat2.html, 4.1).
bool is_header_of_last_frame(const std::string& name, std::string_view bytes) {
    return name.ends_with("-wal") && bytes.size() == 24 &&
           bytes.substr(4, 4) != std::string_view("\0\0\0\0", 4);
}

/// What the system's own VFS says of itself on Linux, so that SQLite takes the same ways here.
int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 4096; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

constexpr sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = DiskCalls::close,
    .xRead = DiskCalls::read,
    .xWrite = DiskCalls::write,
    .xTruncate = DiskCalls::truncate,
    .xSync = DiskCalls::sync,
    .xFileSize = DiskCalls::size,
    .xLock = DiskCalls::lock,
    .xUnlock = DiskCalls::unlock,
    .xCheckReservedLock = DiskCalls::is_reserved,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = DiskCalls::shm_map,
    .xShmLock = DiskCalls::shm_lock,
    .xShmBarrier = DiskCalls::shm_barrier,
    .xShmUnmap = DiskCalls::shm_unmap,
};

}  // namespace

sqlite3_vfs DiskCalls::vfs(MemoryDisk& disk, const char* name) {
    sqlite3_vfs vfs = *sqlite3_vfs_find(nullptr);  // time and waiting are the system's
    vfs.iVersion = 2;
    vfs.szOsFile = sizeof(Handle);
    vfs.pNext = nullptr;
    vfs.zName = name;
    vfs.pAppData = &disk;
    vfs.xOpen = open;
    vfs.xDelete = remove;
    vfs.xAccess = access;
    vfs.xFullPathname = full_path;
    vfs.xRandomness = randomness;
    return vfs;
}

int DiskCalls::open(sqlite3_vfs* vfs, const char* path, sqlite3_file* memory, int flags, int* flags_out) {
    auto* handle = new (memory) Handle;
    handle->pMethods = nullptr;
    MemoryDisk& disk = disk_of(vfs);
    const std::lock_guard guard(disk.mutex_);
    const std::string name = path == nullptr ? "" : path;
    int result = disk.point(Io::open, name);
    std::shared_ptr<DiskFile> file;
    if (result == SQLITE_OK && path != nullptr) {
        const auto found = disk.files_.find(name);
        if (found != disk.files_.end()) file = found->second;
        if (!file && (flags & SQLITE_OPEN_CREATE) == 0) result = SQLITE_CANTOPEN;
    }
    if (result != SQLITE_OK) {
        handle->~Handle();
        return result;
    }
    if (!file) {
        file = std::make_shared<DiskFile>();
        if (path != nullptr) disk.files_[name] = file;
    }
    handle->disk = &disk;
    handle->file = std::move(file);
    handle->name = name;
    handle->syncs_folder =
        (flags & SQLITE_OPEN_CREATE) != 0 && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    handle->pMethods = &methods;
    if (flags_out != nullptr) *flags_out = flags;
    return SQLITE_OK;
}

int DiskCalls::remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    MemoryDisk& disk = disk_of(vfs);
    const std::lock_guard guard(disk.mutex_);
    const int result = disk.point(Io::remove, path);
    if (result != SQLITE_OK) return result;
    const auto found = disk.files_.find(path);
    if (found == disk.files_.end()) return SQLITE_IOERR_DELETE_NOENT;
    if (found->second->is_entered()) disk.removed_[path] = found->second;
    if (sync_folder != 0) disk.removed_.erase(path);
    disk.files_.erase(found);
    return SQLITE_OK;
}

int DiskCalls::access(sqlite3_vfs* vfs, const char* path, int, int* result) {
    MemoryDisk& disk = disk_of(vfs);
    const std::lock_guard guard(disk.mutex_);
    const auto found = disk.files_.find(path);
    *result = found != disk.files_.end() && !found->second->written().empty() ? 1 : 0;  // as on Linux
    return disk.off_ ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

int DiskCalls::full_path(sqlite3_vfs*, const char* path, int size, char* full) {
    sqlite3_snprintf(size, full, "%s", path);
    return SQLITE_OK;
}

int DiskCalls::randomness(sqlite3_vfs* vfs, int size, char* bytes) {
    MemoryDisk& disk = disk_of(vfs);
    const std::lock_guard guard(disk.mutex_);
    for (int at = 0; at < size; ++at) bytes[at] = static_cast<char>(disk.random_());
    return size;
}

int DiskCalls::close(sqlite3_file* file) {
    unlock(file, SQLITE_LOCK_NONE);
    shm_unmap(file, 0);
    handle_of(file).~Handle();
    return SQLITE_OK;
}

int DiskCalls::read(sqlite3_file* file, void* to, int count, sqlite3_int64 at) {
    Handle& handle = handle_of(file);
    const std::lock_guard guard(handle.disk->mutex_);
    if (handle.file->dead) return SQLITE_IOERR_READ;
    const int result = handle.disk->point(Io::read, handle.name);
    if (result != SQLITE_OK) return result;
    const std::string& bytes = handle.file->written();
    const auto from = std::min(static_cast<std::size_t>(at), bytes.size());
    const auto there = std::min(static_cast<std::size_t>(count), bytes.size() - from);
    std::memcpy(to, bytes.data() + from, there);
    if (there == static_cast<std::size_t>(count)) return SQLITE_OK;
    std::memset(static_cast<char*>(to) + there, 0, static_cast<std::size_t>(count) - there);
    return SQLITE_IOERR_SHORT_READ;
}

/// A write that fails may have done a part of it.
int DiskCalls::write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
    Handle& handle = handle_of(file);
    const std::lock_guard guard(handle.disk->mutex_);
    if (handle.file->dead) return SQLITE_IOERR_WRITE;
    std::string_view text(static_cast<const char*>(bytes), static_cast<std::size_t>(count));
    const int result = handle.disk->point(Io::write, handle.name);
    if (handle.file->dead) return SQLITE_IOERR_WRITE;  // the power went here
    if (result != SQLITE_OK) text = text.substr(0, handle.disk->random_() % (text.size() + 1));
    handle.file->write(text, static_cast<std::size_t>(at));
    const CommitFrame before = std::exchange(handle.commit, CommitFrame::none);
    if (result != SQLITE_OK) return result;
    if (before == CommitFrame::header) {
        handle.commit = CommitFrame::whole;
        handle.disk->commit_is(CommitPoint::written);
    } else if (is_header_of_last_frame(handle.name, text)) {
        handle.commit = CommitFrame::header;
    }
    return handle.file->dead ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

int DiskCalls::truncate(sqlite3_file* file, sqlite3_int64 size) {
    Handle& handle = handle_of(file);
    const std::lock_guard guard(handle.disk->mutex_);
    if (handle.file->dead) return SQLITE_IOERR_TRUNCATE;
    const int result = handle.disk->point(Io::truncate, handle.name);
    if (result == SQLITE_OK) handle.file->resize(static_cast<std::size_t>(size));
    return result;
}

int DiskCalls::sync(sqlite3_file* file, int) {
    Handle& handle = handle_of(file);
    const std::lock_guard guard(handle.disk->mutex_);
    if (handle.file->dead) return SQLITE_IOERR_FSYNC;
    const int result = handle.disk->point(Io::sync, handle.name);
    if (handle.file->dead) return SQLITE_IOERR_FSYNC;
    if (result != SQLITE_OK) {
        handle.file->fail_sync();
        return result;
    }
    handle.file->sync();
    handle.file->enter();
    handle.disk->removed_.erase(handle.name);
    if (std::exchange(handle.syncs_folder, false)) handle.disk->sync_folder();
    if (std::exchange(handle.commit, CommitFrame::none) == CommitFrame::whole)
        handle.disk->commit_is(CommitPoint::synced);
    return handle.file->dead ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

int DiskCalls::size(sqlite3_file* file, sqlite3_int64* size) {
    Handle& handle = handle_of(file);
    const std::lock_guard guard(handle.disk->mutex_);
    if (handle.file->dead) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(handle.file->written().size());
    return SQLITE_OK;
}

int DiskCalls::lock(sqlite3_file* file, int level) {
    Handle& handle = handle_of(file);
    const std::lock_guard guard(handle.disk->mutex_);
    DiskFile& held = *handle.file;
    if (held.dead) return SQLITE_IOERR_LOCK;
    if (handle.level >= level) return SQLITE_OK;
    const auto by_other = [&](const void* holder) { return holder != nullptr && holder != &handle; };
    if (level == SQLITE_LOCK_SHARED) {
        if (by_other(held.pending_by) || by_other(held.exclusive_by)) return SQLITE_BUSY;
        ++held.shared_locks;
    } else if (level == SQLITE_LOCK_RESERVED) {
        if (by_other(held.reserved_by)) return SQLITE_BUSY;
        held.reserved_by = &handle;
    } else {
        if (by_other(held.reserved_by) || by_other(held.pending_by)) return SQLITE_BUSY;
        held.pending_by = &handle;
        handle.level = SQLITE_LOCK_PENDING;
        if (held.shared_locks > 1) return SQLITE_BUSY;  // readers finish, no new ones come
        held.exclusive_by = &handle;
    }
    handle.level = level;
    return SQLITE_OK;
}

int DiskCalls::unlock(sqlite3_file* file, int level) {
    Handle& handle = handle_of(file);
    const std::lock_guard guard(handle.disk->mutex_);
    DiskFile& held = *handle.file;
    if (handle.level <= level) return SQLITE_OK;
    for (const void** holder : {&held.reserved_by, &held.pending_by, &held.exclusive_by}) {
        if (*holder == &handle) *holder = nullptr;
    }
    if (level == SQLITE_LOCK_NONE) --held.shared_locks;
    handle.level = level;
    return SQLITE_OK;
}

int DiskCalls::is_reserved(sqlite3_file* file, int* result) {
    Handle& handle = handle_of(file);
    const std::lock_guard guard(handle.disk->mutex_);
    *result = handle.file->reserved_by != nullptr || handle.file->pending_by != nullptr ? 1 : 0;
    return handle.file->dead ? SQLITE_IOERR_CHECKRESERVEDLOCK : SQLITE_OK;
}

int DiskCalls::shm_map(sqlite3_file* file, int region, int bytes, int extend, void volatile** memory) {
    Handle& handle = handle_of(file);
    const std::lock_guard guard(handle.disk->mutex_);
    DiskFile& held = *handle.file;
    *memory = nullptr;
    if (held.dead) return SQLITE_IOERR_SHMMAP;
    if (!handle.uses_memory) ++held.memory_users;
    handle.uses_memory = true;
    const auto index = static_cast<std::size_t>(region);
    while (held.memory.size() <= index) {
        if (extend == 0) return SQLITE_OK;
        held.memory.push_back(std::make_unique<char[]>(static_cast<std::size_t>(bytes)));
    }
    *memory = held.memory[index].get();
    return SQLITE_OK;
}

int DiskCalls::shm_lock(sqlite3_file* file, int first, int count, int flags) {
    Handle& handle = handle_of(file);
    const std::lock_guard guard(handle.disk->mutex_);
    auto& locks = handle.file->memory_locks;
    const auto from = static_cast<std::size_t>(first);
    const auto to = from + static_cast<std::size_t>(count);
    const unsigned bits = bits_of(first, count);
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        for (std::size_t slot = from; slot < to; ++slot) {
            if ((handle.shared_bits & (1U << slot)) != 0) --locks[slot].shared;
            if (locks[slot].exclusive_by == &handle) locks[slot].exclusive_by = nullptr;
        }
        handle.shared_bits &= ~bits;
        return SQLITE_OK;
    }
    if (handle.file->dead) return SQLITE_IOERR_SHMLOCK;
    const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    for (std::size_t slot = from; slot < to; ++slot) {
        const bool mine = locks[slot].exclusive_by == &handle;
        if (locks[slot].exclusive_by != nullptr && !mine) return SQLITE_BUSY;
        const int own = (handle.shared_bits & (1U << slot)) != 0 ? 1 : 0;
        if (exclusive && locks[slot].shared > own) return SQLITE_BUSY;
    }
    for (std::size_t slot = from; slot < to; ++slot) {
        if (exclusive) {
            locks[slot].exclusive_by = &handle;
        } else if ((handle.shared_bits & (1U << slot)) == 0) {
            ++locks[slot].shared;
        }
    }
    if (!exclusive) handle.shared_bits |= bits;
    return SQLITE_OK;
}

void DiskCalls::shm_barrier(sqlite3_file* file) { const std::lock_guard guard(handle_of(file).disk->mutex_); }

/// The last one to leave takes the memory along: who comes next reads the log anew.
int DiskCalls::shm_unmap(sqlite3_file* file, int) {
    Handle& handle = handle_of(file);
    shm_lock(file, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK);
    const std::lock_guard guard(handle.disk->mutex_);
    if (!handle.uses_memory) return SQLITE_OK;
    handle.uses_memory = false;
    if (--handle.file->memory_users == 0) handle.file->memory.clear();
    return SQLITE_OK;
}

}  // namespace rockwatch::test
