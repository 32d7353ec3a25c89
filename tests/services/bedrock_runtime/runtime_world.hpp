#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/text_time.hpp"
#include "rules/quota_book.hpp"
#include "rules/rule_book.hpp"
#include "services/bedrock_runtime/service.hpp"
#include "storage/storage.hpp"

/// The runtime service alone: a small catalogue, a logging configuration to set, sinks that record.
namespace rockwatch::bedrock_runtime {

class FewModels : public ModelCatalogue {
public:
    std::optional<CatalogueModel> find(const Owner& owner, std::string_view model_id) const override;
    std::vector<std::string> callable(const Owner& owner) const override;
};

class SetLogging : public LoggingSettings {
public:
    std::optional<LoggingConfig> logging(const Owner&) const override { return config; }
    std::optional<std::string> delivery_refusal(Database&, const Owner& owner,
                                                const LoggingConfig& asked) const override;

    std::optional<LoggingConfig> config;
    std::optional<std::string> refusal;     ///< of every delivery
    mutable std::vector<std::string> uses;  ///< account/region/group/role of each question
};

class RecordedLogs : public LogSink {
public:
    bool has_group(Database&, const Owner&, std::string_view) override { return group_exists; }
    bool put(Database&, const Owner& owner, std::string_view group, std::string_view stream,
             std::span<const LogLine> batch, Instant) override;

    bool group_exists = true;
    int calls = 0;
    std::string place;  ///< account/region/group/stream of the last call
    std::vector<LogLine> lines;
};

class RecordedMetrics : public MetricSink {
public:
    void put(Database&, const Owner& owner, std::string_view metric_namespace,
             std::span<const DataPoint> batch) override;

    /// Values of a metric: by the model, or across all models when `model` is empty.
    std::vector<double> values(std::string_view metric, std::string_view model = {}) const;

    int calls = 0;
    std::string place;  ///< account/region/namespace of the last call
    std::vector<DataPoint> points;
};

struct RuntimeWorld {
    explicit RuntimeWorld(RuntimeOptions options = {});

    ReplyPlan plan(const std::string& operation, Json input);
    /// Plans, plays at once and completes.
    ReplyPlan play(const std::string& operation, Json input);
    /// The same with a native body.
    ReplyPlan play_native(const std::string& operation, const std::string& model_id, const std::string& body);
    Json last_record() const;

    VirtualClock clock;
    Random random{1};
    std::unique_ptr<Storage> storage;
    rules::RuleBook book;
    rules::QuotaBook quotas;
    FewModels catalogue;
    SetLogging logging;
    RecordedLogs logs;
    RecordedMetrics metrics;
    BedrockRuntime runtime;
    Caller caller;
};

/// {"modelId":…,"messages":[{"role":"user","content":[{"text":…}]}]}
Json converse_input(const std::string& model_id, const std::string& prompt);

/// The decoded chunks of a native stream.
std::vector<Json> decoded_chunks(const ReplyPlan& plan);

/// The text of a Converse answer or stream.
std::string converse_text(const ReplyPlan& plan);

inline const std::string titan = "amazon.titan-text-express-v1";
inline const std::string haiku = "anthropic.claude-3-haiku-20240307-v1:0";
inline const std::string sonnet = "anthropic.claude-sonnet-4-5-20250929-v1:0";
inline const std::string us_sonnet = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
inline const std::string nova_lite = "amazon.nova-lite-v1:0";

}  // namespace rockwatch::bedrock_runtime
