#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/caller.hpp"
#include "core/error.hpp"
#include "core/instant.hpp"
#include "core/json.hpp"
#include "rules/reply_plan.hpp"
#include "storage/database.hpp"

namespace rockwatch {

/// What an operation does to the state, and so where it runs.
enum class Access {
    read,    ///< on a reader's connection, with a snapshot of its own
    write,   ///< on the writer's thread, in a savepoint; answered after COMMIT
    invoke,  ///< on neither: answers a ReplyPlan (bedrock-runtime)
};

/// A call that is made again while it finds nothing: long polling. It is asked for before the first call, so
/// that nothing that comes in between is missed:
///
///     const auto poll = service.long_poll(operation, caller, input);
///     Json output = call();
///     while (poll && !poll->satisfied_by(output) && poll->wait()) output = call();
class LongPoll {
public:
    virtual ~LongPoll() = default;

    /// Whether the client is to get this output at once.
    virtual bool satisfied_by(const Json& output) const = 0;
    /// Blocks the caller's thread, which holds no lock and no connection, until another call may find
    /// something; real time. False: the time is up or the emulator stops, and the last output stands.
    virtual bool wait() = 0;
};

/// What the gateway sees of a service. A service is pure of HTTP and holds no state of a call.
class Service {
public:
    virtual ~Service() = default;

    /// The service model's name: logs, cloudwatch, bedrock-runtime.
    virtual std::string_view name() const = 0;
    /// Names of the operations that are done, in the table's order.
    virtual std::vector<std::string_view> operations() const = 0;
    /// Nullopt: not supported, answered with 501 by name.
    virtual std::optional<Access> access(std::string_view operation) const = 0;

    /// Runs a read or write. `database` is the connection that its access asks for; `now` is the call's one
    /// instant. `input` has the model's types, required members and limits.
    virtual Json call(std::string_view operation, Database& database, Instant now, const Caller& caller,
                      const Json& input) = 0;

    /// Nullptr, unless this call is to wait for what it does not find at once.
    virtual std::unique_ptr<LongPoll> long_poll(std::string_view /*operation*/, const Caller& /*caller*/,
                                                const Json& /*input*/) {
        return nullptr;
    }
    /// Ends every LongPoll::wait, now and from now on: the emulator stops.
    virtual void stop_waiting() {}

    /// Runs an invocation. Only services with Access::invoke rows have it.
    virtual ReplyPlan invoke(std::string_view operation, Instant now, const Caller& caller, Json input);

    /// Hears of an invocation that was refused before `invoke`: its input broke the model. For the log and
    /// the metrics of failures.
    virtual void failed_before(std::string_view /*operation*/, const Caller& /*caller*/,
                               std::string_view /*model_id*/, const ServiceError& /*error*/,
                               Instant /*now*/) {}
};

inline ReplyPlan Service::invoke(std::string_view /*operation*/, Instant /*now*/, const Caller& /*caller*/,
                                 Json /*input*/) {
    throw BrokenPromise("only invocations have plans");
}

/// A row of a service's table. `Read` and `Write` are what its operations work with: the stores over one
/// call's connection, the call's instant, the ports. A function that takes Read cannot write: the types say
/// so.
template <class Read, class Write>
struct Operation {
    std::string_view name;
    Json (*read)(Read&, const Caller&, const Json&) = nullptr;
    Json (*write)(Write&, const Caller&, const Json&) = nullptr;

    constexpr Operation(std::string_view name, Json (*read)(Read&, const Caller&, const Json&))
        : name(name), read(read) {}
    constexpr Operation(std::string_view name, Json (*write)(Write&, const Caller&, const Json&))
        : name(name), write(write) {}
};

/// A service whose operations stand in one constexpr table. The derived class makes Read and Write for a
/// call.
template <class Read, class Write>
class TableService : public Service {
public:
    explicit TableService(std::span<const Operation<Read, Write>> table) : table_(table) {}

    std::vector<std::string_view> operations() const override {
        std::vector<std::string_view> names;
        for (const auto& row : table_) names.push_back(row.name);
        return names;
    }

    std::optional<Access> access(std::string_view operation) const override {
        const auto* row = find(operation);
        if (row == nullptr) return std::nullopt;
        return row->read != nullptr ? Access::read : Access::write;
    }

    Json call(std::string_view operation, Database& database, Instant now, const Caller& caller,
              const Json& input) override {
        const auto* row = find(operation);
        ensure(row != nullptr, "the gateway asks for operations of the table alone");
        if (row->read != nullptr) {
            Read parts = reading(database, now);
            return row->read(parts, caller, input);
        }
        Write parts = writing(database, now);
        return row->write(parts, caller, input);
    }

protected:
    virtual Read reading(Database& database, Instant now) = 0;
    virtual Write writing(Database& database, Instant now) = 0;

private:
    const Operation<Read, Write>* find(std::string_view operation) const {
        for (const auto& row : table_) {
            if (row.name == operation) return &row;
        }
        return nullptr;
    }

    std::span<const Operation<Read, Write>> table_;
};

}  // namespace rockwatch
