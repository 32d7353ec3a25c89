#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "digest.hpp"
#include "network.hpp"
#include "step.hpp"
#include "support/memory_disk.hpp"
#include "world/world.hpp"

namespace rockwatch::simulation {

/// What a call answered.
struct Outcome {
    int status = 0;
    std::string error;    ///< the error's code; empty: it succeeded
    std::string message;  ///< the error's
    Json rules;           ///< the names of those that had a say
    Json output;          ///< as the journal tells it
    std::string request_id;
    std::int64_t latency_ms = 0;
};

/// Where the simulated time begins: a whole minute.
inline constexpr std::int64_t start_ms = 1'767'225'600'000;

/// A whole emulator on this thread, the disk under its database and the network round it.
class Stage {
public:
    Stage(std::uint64_t seed, Durability durability);
    /// A start from a disk's files.
    Stage(std::uint64_t seed, Durability durability, const std::map<std::string, std::string>& files);
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    /// A call over the wire: framing apart, the whole road.
    Outcome call(std::size_t who, const std::string& service, const std::string& operation,
                 const Json& input);
    /// What happens between the next call's answer and its completion: it takes its time.
    void meanwhile(std::function<void()> happens) { meanwhile_ = std::move(happens); }
    /// A question that leaves no trace, not even in the journal. Throws ServiceError.
    Json ask(std::size_t who, const std::string& service, const std::string& operation, const Json& input);

    World& world() { return *world_; }
    std::int64_t now() const { return epoch_ms(world_->clock().now()); }
    ScriptedNetwork& network() { return network_; }
    std::string dump();

    /// Stops in order and starts again.
    void restart();
    /// kill -9 and a start: what was written is in the file, what was not is lost.
    void kill();
    /// The power goes and comes back: the disk keeps what it was made to sync, and anything of the rest.
    void cut(std::uint64_t seed);

    test::MemoryDisk& disk() { return disk_; }

    /// Everything that the world has said so far: answers and journals, byte for byte.
    const std::string& transcript() const { return transcript_; }
    void keep_journal();
    void say(const std::string& text) { transcript_ += text + '\n'; }

private:
    void start();
    WorldOptions options() const;
    Outcome read_journal();

    std::uint64_t seed_;
    Durability durability_;
    test::MemoryDisk disk_;
    ScriptedNetwork network_;
    std::unique_ptr<World> world_;
    std::unique_ptr<Dump> dump_;
    std::int64_t last_call_ = 0;
    std::function<void()> meanwhile_;
    std::string transcript_;
};

}  // namespace rockwatch::simulation
