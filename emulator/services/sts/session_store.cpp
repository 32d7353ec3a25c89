#include "services/sts/session_store.hpp"

namespace rockwatch::sts {

namespace {

constexpr Migration steps[] = {
    {1, R"sql(
        CREATE TABLE sts_session (
            access_key    TEXT NOT NULL PRIMARY KEY,
            secret_key    TEXT NOT NULL,
            session_token TEXT NOT NULL,
            account       TEXT NOT NULL,
            principal_arn TEXT NOT NULL,
            user_id       TEXT NOT NULL,
            expires_at    INTEGER NOT NULL
        ) WITHOUT ROWID;
    )sql"},
};

}  // namespace

Migrations migrations() { return {"sts", steps}; }

std::vector<Session> SessionReader::all() {
    std::vector<Session> sessions;
    Rows rows = database_.query(R"sql(
        SELECT access_key, secret_key, session_token, account, principal_arn, user_id, expires_at
        FROM sts_session)sql");
    while (rows.step()) {
        sessions.push_back({.access_key = rows.text(0),
                            .secret_key = rows.text(1),
                            .session_token = rows.text(2),
                            .account = rows.text(3),
                            .principal_arn = rows.text(4),
                            .user_id = rows.text(5),
                            .expires = from_epoch_ms(rows.integer(6))});
    }
    return sessions;
}

void SessionWriter::create(const Session& session) {
    database_.run(R"sql(
        INSERT INTO sts_session
            (access_key, secret_key, session_token, account, principal_arn, user_id, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?))sql",
                  session.access_key, session.secret_key, session.session_token, session.account,
                  session.principal_arn, session.user_id, epoch_ms(session.expires));
}

void SessionWriter::remove_expired(Instant now) {
    database_.run("DELETE FROM sts_session WHERE expires_at < ?", epoch_ms(now));
}

void SessionWriter::remove_all() { database_.run("DELETE FROM sts_session"); }

}  // namespace rockwatch::sts
