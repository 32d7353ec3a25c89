#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/instant.hpp"
#include "storage/database.hpp"

namespace rockwatch::sts {

/// Credentials that AssumeRole issued, and whom they belong to.
struct Session {
    std::string access_key;
    std::string secret_key;
    std::string session_token;
    std::string account;
    std::string principal_arn;  ///< arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION
    std::string user_id;        ///< AROA…:SESSION
    Instant expires;
};

/// Finds sessions.
class SessionReader {
public:
    explicit SessionReader(Database& database) : database_(database) {}
    std::vector<Session> all();

protected:
    Database& database_;
};

/// Changes them; owns the table sts_session.
class SessionWriter : public SessionReader {
public:
    using SessionReader::SessionReader;
    void create(const Session& session);
    /// Forgets those that expired before `now`.
    void remove_expired(Instant now);
    void remove_all();
};

/// The tables of this service.
Migrations migrations();

}  // namespace rockwatch::sts
