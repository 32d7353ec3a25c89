#pragma once

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

    /// Runs an invocation. Only services with Access::invoke rows have it.
    virtual ReplyPlan invoke(std::string_view operation, Instant now, const Caller& caller, Json input);
};

inline ReplyPlan Service::invoke(std::string_view /*operation*/, Instant /*now*/, const Caller& /*caller*/,
                                 Json /*input*/) {
    throw BrokenPromise("only invocations have plans");
}

/// A row of a service's table. `Read` and `Write` are what its operations work with: the stores over one call's
/// connection, the call's instant, the ports. A function that takes Read cannot write: the types say so.
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

/// A service whose operations stand in one constexpr table. The derived class makes Read and Write for a call.
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
