#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/caller.hpp"
#include "core/instant.hpp"
#include "core/json.hpp"
#include "storage/database.hpp"

/// What services ask of each other. The service that can do it implements the port; `world` joins the two.
/// Every method that changes state takes the writer's connection and belongs to the caller's savepoint.
namespace rockwatch {

struct Dimension {
    std::string name;
    std::string value;
    auto operator<=>(const Dimension&) const = default;
};

/// `weight` samples of `value`, at one time, of one metric.
struct DataPoint {
    std::string metric_name;
    std::vector<Dimension> dimensions;  ///< any order; a set
    Instant timestamp;
    double value = 0;
    double weight = 1;
    std::string unit = "None";  ///< CloudWatch's spelling: Milliseconds, Count
};

/// Takes data points that a service reports about itself. Implemented by cloudwatch.
class MetricSink {
public:
    virtual ~MetricSink() = default;
    virtual void put(Database& database, const Owner& owner, std::string_view metric_namespace,
                     std::span<const DataPoint> points) = 0;
};

struct LogLine {
    Instant timestamp;
    std::string message;
};

/// Takes log lines that a service writes. Implemented by logs.
class LogSink {
public:
    virtual ~LogSink() = default;
    virtual bool has_group(Database& database, const Owner& owner, std::string_view group) = 0;
    /// Makes the stream when there is none. False, and nothing written, when there is no such group.
    virtual bool put(Database& database, const Owner& owner, std::string_view group, std::string_view stream,
                     std::span<const LogLine> lines, Instant now) = 0;
};

/// Log events that were taken.
struct TakenLogs {
    Owner owner;
    std::string group;
    std::string stream;
    std::vector<LogLine> lines;
};

/// Hears of log events, after they were committed. Implemented by world.
class LogListener {
public:
    virtual ~LogListener() = default;
    /// Whether it is worth the copies.
    virtual bool is_listening() const = 0;
    virtual void taken(const TakenLogs& logs) = 0;
};

/// What a service wants to do with a role.
struct RoleUse {
    std::string role_arn;
    std::string service;               ///< bedrock.amazonaws.com
    Owner owner;                       ///< whose resource is meant: aws:SourceAccount
    std::string source_arn;            ///< aws:SourceArn
    std::vector<std::string> actions;  ///< logs:PutLogEvents
    std::string resource;              ///< the ARN they are to act on
    bool is_repeated = false;          ///< asked before: a role that nobody made is not warned of again
};

enum class IamMode { lenient, strict };

/// Judges whether a service may use a role. Implemented by iam.
class RoleDirectory {
public:
    virtual ~RoleDirectory() = default;
    /// Nullopt: it may. Otherwise one sentence that says what is missing. In lenient mode a role that nobody
    /// made is accepted.
    virtual std::optional<std::string> refusal(Database& database, const RoleUse& use) = 0;
};

/// A principal that wants to act as a role.
struct RoleAssumption {
    std::string role_arn;
    std::string principal_arn;
    std::string session_name;
    std::string external_id;  ///< empty: none
};

struct AssumableRole {
    std::string role_id;  ///< AROA...
    int max_session_seconds = 43200;
};

/// Judges who may act as a role, for AssumeRole. Implemented by iam.
class RoleTrust {
public:
    virtual ~RoleTrust() = default;
    /// Nullopt: it may not, or there is no such role. In lenient mode a role that nobody made may be assumed.
    virtual std::optional<AssumableRole> assumable(Database& database, const RoleAssumption& assumption) = 0;
};

struct Notification {
    std::string topic_arn;
    std::string subject;  ///< empty: none
    std::string message;
    std::string source = "sns";  ///< who caused it, for the deliveries list: alarm, sns
};

/// Publishes to a topic. Implemented by sns.
class Publisher {
public:
    virtual ~Publisher() = default;
    /// Nullopt: taken. Otherwise the error's text, as an alarm's history tells it; the message is among the
    /// deliveries all the same, captured.
    virtual std::optional<std::string> publish(Database& database, const Owner& owner,
                                               const Notification& notification, Instant now) = 0;
};

/// What an alarm does beside publishing to a topic: it calls a function, asks for more machines.
struct AlarmAction {
    std::string target;   ///< ARN
    std::string service;  ///< of the ARN: lambda, autoscaling, automate
    std::string payload;  ///< JSON: what the target gets
};

/// Sends alarms' actions to what stands behind their ARNs. Implemented by world.
class ActionSink {
public:
    virtual ~ActionSink() = default;
    virtual void act(Database& database, const Owner& owner, const AlarmAction& action, Instant now) = 0;
};

/// Puts a message on a queue. Implemented by sqs.
class QueueSink {
public:
    virtual ~QueueSink() = default;
    /// False when there is no such queue.
    virtual bool send(Database& database, std::string_view queue_arn, const std::string& body,
                      const Json& message_attributes, Instant now) = 0;
};

/// A change of an alarm's state, for those who watch: advance, wait, events.
struct AlarmTransition {
    Owner owner;
    std::string alarm;
    std::string from;
    std::string to;
    Instant at;
    std::string reason;
};

/// Hears of alarms that changed state, after the change was committed. Implemented by world.
class AlarmListener {
public:
    virtual ~AlarmListener() = default;
    virtual void changed(const AlarmTransition& transition) = 0;
};

/// Where invocations are logged: PutModelInvocationLoggingConfiguration's members, checked.
struct LoggingConfig {
    std::string log_group;  ///< empty: not to CloudWatch
    std::string role_arn;
    bool text = true;
    bool image = true;
    bool embedding = true;
    bool video = true;
    bool audio = true;
};

/// The logging configuration of an account and region, from memory: asked on every invocation, thread-safe.
/// Implemented by bedrock.
class LoggingSettings {
public:
    virtual ~LoggingSettings() = default;
    virtual std::optional<LoggingConfig> logging(const Owner& owner) const = 0;
    /// Judged anew, on the writer: may Bedrock still write to the configuration's group with its role?
    /// Nullopt: it may. Otherwise one sentence that says what is missing.
    virtual std::optional<std::string> delivery_refusal(Database& database, const Owner& owner,
                                                        const LoggingConfig& config) const = 0;
};

/// A foundation model of the catalogue, or what an inference profile's id leads to.
struct CatalogueModel {
    std::string model_id;                        ///< amazon.titan-text-express-v1
    std::string provider_name;                   ///< Amazon
    std::string name;                            ///< Titan Text G1 - Express
    std::vector<std::string> input_modalities;   ///< TEXT, IMAGE
    std::vector<std::string> output_modalities;  ///< TEXT, EMBEDDING
    bool streaming = false;
    bool on_demand = true;  ///< may be called by its bare id
    bool legacy = false;
    bool end_of_life = false;
    std::string invoked_through;  ///< region of the profile that served; empty when called by its own id
    bool known = true;            ///< false: of no catalogue, taken for what its id suggests
};

/// Finds models by what a client may call them: id, ARN, inference profile's id or ARN. Thread-safe, from
/// memory. Implemented by bedrock.
class ModelCatalogue {
public:
    virtual ~ModelCatalogue() = default;
    virtual std::optional<CatalogueModel> find(const Owner& owner, std::string_view model_id) const = 0;
    /// The ids of models and system inference profiles that can be called from the owner's region.
    virtual std::vector<std::string> callable(const Owner& owner) const = 0;
};

}  // namespace rockwatch
