#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace rockwatch::test {

/// One file of a MemoryDisk: what is written, and what of it is on the disk for sure. Sectors have 512 bytes.
/// Not thread-safe: the disk's mutex guards it, the locks and the shared memory beside it too.
class DiskFile {
public:
    static constexpr std::size_t sector_bytes = 512;

    const std::string& written() const { return written_; }
    void write(std::string_view bytes, std::size_t at);
    void resize(std::size_t size);
    void sync();
    /// A sync that failed. The system forgets that the bytes are still to be written, as Linux does: the next
    /// sync succeeds without them.
    void fail_sync();
    /// Whether it is known to be in its folder after a power cut.
    bool is_entered() const { return entered_; }
    void enter() { entered_ = true; }

    /// What a power cut leaves of it: the synced bytes, and of the others any part. A sector's unsynced bytes
    /// are kept, dropped, half kept or garbage. Bytes that were not written are never touched (what SQLite
    /// calls powersafe overwrite, and takes for granted on the system's disk, too).
    std::string after_cut(std::mt19937_64& random) const;
    /// What a killed process leaves: all of it, without locks.
    std::shared_ptr<DiskFile> for_next_process() const;

    // SQLite's locks on the file and on its shared memory, which end with the process.
    int shared_locks = 0;
    const void* reserved_by = nullptr;
    const void* pending_by = nullptr;
    const void* exclusive_by = nullptr;
    struct SharedMemoryLock {
        int shared = 0;
        const void* exclusive_by = nullptr;
    };
    std::array<SharedMemoryLock, 8> memory_locks;
    std::vector<std::unique_ptr<char[]>> memory;
    int memory_users = 0;
    /// The process or the power that opened it is gone.
    bool dead = false;

private:
    using Changed = std::bitset<sector_bytes>;

    void mark(std::size_t from, std::size_t to);
    void settle_sector(std::string& left, std::size_t sector, const Changed& changed, unsigned fate,
                       std::mt19937_64& random) const;

    std::string written_;
    std::string synced_;
    bool entered_ = false;
    std::map<std::size_t, Changed> unsynced_;   // by number of the sector
    std::map<std::size_t, Changed> forgotten_;  // by a failed sync
    std::shared_ptr<DiskFile> before_shrinking_;  // as it was when it was first cut short since the last sync
};

}  // namespace rockwatch::test
