#pragma once

#include <sqlite3.h>

namespace rockwatch::test {

class MemoryDisk;

/// What SQLite calls: the way from its tables of functions to a MemoryDisk.
struct DiskCalls {
    /// `name` and `disk` outlive it.
    static sqlite3_vfs vfs(MemoryDisk& disk, const char* name);

    struct Handle;

    static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* memory, int flags, int* flags_out);
    static int remove(sqlite3_vfs* vfs, const char* path, int sync_folder);
    static int access(sqlite3_vfs* vfs, const char* path, int flags, int* result);
    static int full_path(sqlite3_vfs* vfs, const char* path, int size, char* full);
    static int randomness(sqlite3_vfs* vfs, int size, char* bytes);

    static int close(sqlite3_file* file);
    static int read(sqlite3_file* file, void* to, int count, sqlite3_int64 at);
    static int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at);
    static int truncate(sqlite3_file* file, sqlite3_int64 size);
    static int sync(sqlite3_file* file, int flags);
    static int size(sqlite3_file* file, sqlite3_int64* size);

    static int lock(sqlite3_file* file, int level);
    static int unlock(sqlite3_file* file, int level);
    static int is_reserved(sqlite3_file* file, int* result);
    static int shm_map(sqlite3_file* file, int region, int bytes, int extend, void volatile** memory);
    static int shm_lock(sqlite3_file* file, int first, int count, int flags);
    static void shm_barrier(sqlite3_file* file);
    static int shm_unmap(sqlite3_file* file, int remove_it);
};

}  // namespace rockwatch::test
