#include "world/views.hpp"

namespace rockwatch::world {

namespace {

constexpr Migration steps[] = {
    {1, R"sql(
        -- What the invocation log holds, one row a call; empty while logging is off. latency_ms: that of Converse
        -- and ConverseStream alone, as in the record.
        CREATE VIEW invocations AS
            SELECT time,
                   account,
                   region,
                   log_group,
                   json_extract(message, '$.requestId') AS request_id,
                   json_extract(message, '$.operation') AS operation,
                   json_extract(message, '$.modelId') AS model_id,
                   json_extract(message, '$.errorCode') AS error_code,
                   json_extract(message, '$.output.outputBodyJson.metrics.latencyMs') AS latency_ms,
                   json_extract(message, '$.input.inputTokenCount') AS input_tokens,
                   json_extract(message, '$.output.outputTokenCount') AS output_tokens,
                   message AS record
            FROM log_events
            WHERE log_stream = 'aws/bedrock/modelinvocations'
                  AND CASE WHEN json_valid(message) THEN json_extract(message, '$.schemaType') END = 'ModelInvocationLog';
        CREATE VIEW alarms AS
            SELECT account, region, name, state,
                   strftime('%Y-%m-%dT%H:%M:%fZ', state_transitioned_ms / 1000.0, 'unixepoch') AS state_since,
                   state_reason, configuration
            FROM metric_alarm;
        CREATE VIEW deliveries AS
            SELECT id, strftime('%Y-%m-%dT%H:%M:%fZ', time_ms / 1000.0, 'unixepoch') AS time,
                   account, region, source, protocol, target, topic, status, attempts, error, payload
            FROM delivery)sql"},
};

}  // namespace

Migrations view_migrations() { return {.owner = "views", .steps = steps}; }

}  // namespace rockwatch::world
