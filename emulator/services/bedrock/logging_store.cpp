#include "services/bedrock/logging_store.hpp"

namespace rockwatch::bedrock {

namespace {

constexpr Migration steps[] = {
    {1, R"sql(
        CREATE TABLE model_invocation_logging (
            account         TEXT NOT NULL,
            region          TEXT NOT NULL,
            log_group       TEXT NOT NULL,
            role_arn        TEXT NOT NULL,
            text_enabled      INTEGER NOT NULL,
            image_enabled     INTEGER NOT NULL,
            embedding_enabled INTEGER NOT NULL,
            video_enabled     INTEGER NOT NULL,
            audio_enabled     INTEGER NOT NULL,
            PRIMARY KEY (account, region)
        ) WITHOUT ROWID;
    )sql"},
};

LoggingConfig config_at(const Rows& rows, int column) {
    return {.log_group = rows.text(column),
            .role_arn = rows.text(column + 1),
            .text = rows.boolean(column + 2),
            .image = rows.boolean(column + 3),
            .embedding = rows.boolean(column + 4),
            .video = rows.boolean(column + 5),
            .audio = rows.boolean(column + 6)};
}

}  // namespace

Migrations migrations() { return {"bedrock", steps}; }

std::optional<LoggingConfig> LoggingReader::find(const Owner& owner) {
    Rows rows = database_.query(R"sql(
        SELECT log_group, role_arn, text_enabled, image_enabled, embedding_enabled, video_enabled, audio_enabled
        FROM model_invocation_logging WHERE account = ? AND region = ?)sql",
                                owner.account, owner.region);
    if (!rows.step()) return std::nullopt;
    return config_at(rows, 0);
}

std::map<Owner, LoggingConfig> LoggingReader::all() {
    std::map<Owner, LoggingConfig> configs;
    Rows rows = database_.query(R"sql(
        SELECT account, region, log_group, role_arn, text_enabled, image_enabled, embedding_enabled, video_enabled,
               audio_enabled
        FROM model_invocation_logging)sql");
    while (rows.step()) configs.emplace(Owner{rows.text(0), rows.text(1)}, config_at(rows, 2));
    return configs;
}

void LoggingWriter::put(const Owner& owner, const LoggingConfig& config) {
    database_.run(R"sql(
        INSERT OR REPLACE INTO model_invocation_logging
            (account, region, log_group, role_arn, text_enabled, image_enabled, embedding_enabled, video_enabled,
             audio_enabled)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?))sql",
                  owner.account, owner.region, config.log_group, config.role_arn, config.text, config.image,
                  config.embedding, config.video, config.audio);
}

void LoggingWriter::remove(const Owner& owner) {
    database_.run("DELETE FROM model_invocation_logging WHERE account = ? AND region = ?", owner.account,
                  owner.region);
}

void LoggingWriter::remove_all() { database_.run("DELETE FROM model_invocation_logging"); }

}  // namespace rockwatch::bedrock
