#include "storage/faulty_vfs.hpp"

#include <sqlite3.h>

#include <climits>
#include <cstring>
#include <new>

namespace rockwatch {

namespace {

std::atomic<int> log_writes_left = INT_MAX;
std::atomic<int> log_write_code = SQLITE_OK;
std::atomic<int> sync_code = SQLITE_OK;

struct FaultyFile : sqlite3_file {
    bool is_log = false;
    // The real file follows in the same allocation.
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_file* real(sqlite3_file* file) { return static_cast<FaultyFile*>(file)->real(); }

int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
    if (static_cast<FaultyFile*>(file)->is_log && log_write_code != SQLITE_OK && log_writes_left-- <= 0) {
        return log_write_code;
    }
    return real(file)->pMethods->xWrite(real(file), bytes, count, at);
}

int sync(sqlite3_file* file, int flags) {
    if (sync_code != SQLITE_OK) return sync_code;
    return real(file)->pMethods->xSync(real(file), flags);
}

int close(sqlite3_file* file) { return real(file)->pMethods->xClose(real(file)); }
int read(sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
    return real(f)->pMethods->xRead(real(f), to, n, at);
}
int truncate(sqlite3_file* f, sqlite3_int64 n) { return real(f)->pMethods->xTruncate(real(f), n); }
int size(sqlite3_file* f, sqlite3_int64* n) { return real(f)->pMethods->xFileSize(real(f), n); }
int lock(sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); }
int unlock(sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); }
int reserved(sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); }
int control(sqlite3_file* f, int op, void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); }
int sector(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
int device(sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
int shm_map(sqlite3_file* f, int page, int bytes, int extend, void volatile** out) {
    return real(f)->pMethods->xShmMap(real(f), page, bytes, extend, out);
}
int shm_lock(sqlite3_file* f, int at, int n, int flags) {
    return real(f)->pMethods->xShmLock(real(f), at, n, flags);
}
void shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
int shm_unmap(sqlite3_file* f, int gone) { return real(f)->pMethods->xShmUnmap(real(f), gone); }

constexpr sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = reserved,
    .xFileControl = control,
    .xSectorSize = sector,
    .xDeviceCharacteristics = device,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

int open(sqlite3_vfs* vfs, sqlite3_filename path, sqlite3_file* memory, int flags, int* flags_out) {
    auto* file = new (memory) FaultyFile;
    file->pMethods = nullptr;
    file->is_log = (flags & SQLITE_OPEN_WAL) != 0;
    auto* system = static_cast<sqlite3_vfs*>(vfs->pAppData);
    const int result = system->xOpen(system, path, file->real(), flags, flags_out);
    if (file->real()->pMethods != nullptr) file->pMethods = &methods;
    return result;
}

/// Registered once: SQLite keeps the pointer.
void register_vfs() {
    static sqlite3_vfs vfs = [] {
        sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
        sqlite3_vfs copy = *system;  // everything but open works on names and needs no wrapping
        copy.pNext = nullptr;
        copy.zName = Faults::vfs;
        copy.szOsFile = static_cast<int>(sizeof(FaultyFile)) + system->szOsFile;
        copy.pAppData = system;
        copy.xOpen = open;
        return copy;
    }();
    sqlite3_vfs_register(&vfs, 0);
}

}  // namespace

Faults::Faults() {
    register_vfs();
    heal();
}

Faults::~Faults() { heal(); }

void Faults::fail_log_writes_after(int count, int code) {
    log_writes_left = count;
    log_write_code = code;
}

void Faults::fail_syncs(int code) { sync_code = code; }

void Faults::heal() {
    log_writes_left = INT_MAX;
    log_write_code = SQLITE_OK;
    sync_code = SQLITE_OK;
}

}  // namespace rockwatch
