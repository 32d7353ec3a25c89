#include "support/disk_file.hpp"

#include <algorithm>

namespace rockwatch::test {

void DiskFile::mark(std::size_t from, std::size_t to) {
    for (std::size_t at = from; at < to;) {
        const std::size_t sector = at / sector_bytes;
        const std::size_t end = std::min(to, (sector + 1) * sector_bytes);
        Changed& changed = unsynced_[sector];
        if (end - at == sector_bytes) changed.set();
        for (; at < end; ++at) changed.set(at % sector_bytes);
    }
}

void DiskFile::write(std::string_view bytes, std::size_t at) {
    if (written_.size() < at + bytes.size()) written_.resize(at + bytes.size());
    written_.replace(at, bytes.size(), bytes);
    mark(at, at + bytes.size());
}

/// Cutting short is one step of the folder's journal: after a power cut it has happened or not, and what was
/// written later is there only if it has.
void DiskFile::resize(std::size_t size) {
    if (size < written_.size()) {
        if (!before_shrinking_) before_shrinking_ = for_next_process();
        if (size < synced_.size()) synced_.resize(size);
        for (auto* changes : {&unsynced_, &forgotten_}) {
            changes->erase(changes->upper_bound(size / sector_bytes), changes->end());
            const auto last = changes->find(size / sector_bytes);
            if (last == changes->end()) continue;
            for (std::size_t index = size % sector_bytes; index < sector_bytes; ++index)
                last->second.reset(index);
        }
    }
    written_.resize(size);
}

void DiskFile::sync() {
    synced_.resize(written_.size());
    for (const auto& [sector, changed] : unsynced_) {
        for (std::size_t index = 0; index < sector_bytes; ++index) {
            const std::size_t at = sector * sector_bytes + index;
            if (changed.test(index) && at < written_.size()) synced_[at] = written_[at];
        }
        const auto forgotten = forgotten_.find(sector);
        if (forgotten != forgotten_.end()) forgotten->second &= ~changed;
    }
    unsynced_.clear();
    before_shrinking_.reset();
}

void DiskFile::fail_sync() {
    for (const auto& [sector, changed] : unsynced_) forgotten_[sector] |= changed;
    unsynced_.clear();
}

/// `fate`: 0 dropped, 1 kept, 2 kept up to somewhere, 3 garbage.
void DiskFile::settle_sector(std::string& left, std::size_t sector, const Changed& changed, unsigned fate,
                             std::mt19937_64& random) const {
    if (fate == 0) return;
    const std::size_t kept = fate == 2 ? random() % sector_bytes : sector_bytes;
    for (std::size_t index = 0; index < kept; ++index) {
        const std::size_t at = sector * sector_bytes + index;
        if (at >= left.size()) return;
        if (!changed.test(index)) continue;
        if (fate == 3) {
            left[at] = static_cast<char>(random());
        } else {
            left[at] = written_[at];
        }
    }
}

std::string DiskFile::after_cut(std::mt19937_64& random) const {
    if (before_shrinking_ && random() % 2 == 0) return before_shrinking_->after_cut(random);
    std::string left = synced_;
    const std::size_t smaller = std::min(synced_.size(), written_.size());
    const std::size_t larger = std::max(synced_.size(), written_.size());
    switch (random() % 3) {
        case 0: left.resize(written_.size()); break;
        case 1: left.resize(smaller + random() % (larger - smaller + 1)); break;
        default: break;
    }
    std::map<std::size_t, Changed> open = forgotten_;
    for (const auto& [sector, changed] : unsynced_) open[sector] |= changed;
    // Whole cuts of one fate are as likely as mixed ones: most faults need several sectors to go together.
    const unsigned style = static_cast<unsigned>(random() % 8);
    for (const auto& [sector, changed] : open) {
        const unsigned fate = style < 4 ? style : static_cast<unsigned>(random() % (style < 6 ? 2 : 4));
        settle_sector(left, sector, changed, fate, random);
    }
    return left;
}

std::shared_ptr<DiskFile> DiskFile::for_next_process() const {
    auto next = std::make_shared<DiskFile>();
    next->written_ = written_;
    next->synced_ = synced_;
    next->entered_ = entered_;
    next->unsynced_ = unsynced_;
    next->forgotten_ = forgotten_;
    next->before_shrinking_ = before_shrinking_;
    return next;
}

}  // namespace rockwatch::test
