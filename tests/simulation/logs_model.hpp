#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stage.hpp"

namespace rockwatch::simulation {

/// What log groups hold, as plainly as it can be said: lists of events in the order of arrival.
class LogsModel {
public:
    struct Event {
        std::int64_t timestamp;
        std::int64_t ingestion_time;
        std::string message;       ///< of an invocation's record: its request id
        bool is_record = false;    ///< written by Bedrock
        std::int64_t arrival = 0;  ///< counts all events of the world
        bool doomed = false;       ///< was past its group's retention at some moment: may be gone
    };
    struct Stream {
        std::vector<Event> events;
    };
    struct Group {
        std::optional<std::int64_t> retention_days;
        std::map<std::string, std::string> tags;
        std::map<std::string, Stream> streams;
    };
    using Groups = std::map<std::string, Group>;

    /// The error's code that a call must get; empty: none.
    std::string expected_error(std::size_t who, const std::string& operation, const Json& input,
                               std::int64_t now) const;
    /// Takes over what an acknowledged call did.
    void accepted(std::size_t who, const std::string& operation, const Json& input, const Json& output,
                  std::int64_t now);
    /// Bedrock writes into the stream aws/bedrock/modelinvocations; false when there is no such group.
    bool write(std::size_t who, const std::string& group, Event event);
    void time_is(std::int64_t now);
    void reset() { owners_ = {}; }

    const Groups& groups(std::size_t who) const { return owners_.at(who); }

private:
    const Stream* find_stream(std::size_t who, const std::string& group, const std::string& stream) const;

    std::array<Groups, owner_count> owners_;
    std::int64_t arrivals_ = 0;
};

/// Whether an event of a group may be read, must be, or must not (I8).
enum class Readable { no, maybe, yes };
Readable readable(const LogsModel::Group& group, const LogsModel::Event& event, std::int64_t now);

/// Compares all that the emulator tells of one owner's logs with the model: I1, I3, I4, I5, I8, I24.
void check_logs(Stage& stage, const LogsModel& model, std::size_t who, std::uint64_t luck);

/// A second matcher for simple filter patterns: terms, quoted and excluded ones, `?` alternatives, and JSON
/// comparisons of one or two members joined by && or ||.
bool plainly_matches(const std::string& pattern, const std::string& message);

}  // namespace rockwatch::simulation
