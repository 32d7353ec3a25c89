#include "services/sts/service.hpp"

#include <fmt/format.h>

#include "core/arn.hpp"
#include "services/sts/errors.hpp"

namespace rockwatch::sts {

namespace {

constexpr std::string_view secret_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Answers for anyone, as AWS does.
Json get_caller_identity(Read& sts, const Caller& caller, const Json& /*input*/) {
    const auto session = sts.sessions.find(caller.access_key);
    return {{"UserId", session ? session->user_id : caller.account},
            {"Account", caller.account},
            {"Arn", caller.principal_arn}};
}

void refuse_what_has_no_effect(const Json& input) {
    for (const std::string_view member : {"PolicyArns", "Policy", "Tags", "TransitiveTagKeys", "SerialNumber",
                                          "TokenCode", "ProvidedContexts", "SourceIdentity"}) {
        if (input.contains(member)) throw not_supported(member);
    }
}

Session new_session(Random& random, const Arn& role, const AssumableRole& assumable,
                    const std::string& name) {
    const std::string role_name = role.resource.substr(role.resource.rfind('/') + 1);
    return {.access_key = "ASIA" + random.text(16, upper_alphanumeric),
            .secret_key = random.text(40, secret_letters),
            .session_token = random.text(356, secret_letters),
            .account = role.account,
            .principal_arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", role.account, role_name, name),
            .user_id = assumable.role_id + ":" + name};
}

Json assume_role(Write& sts, const Caller& caller, const Json& input) {
    refuse_what_has_no_effect(input);
    const std::string role_arn = input.at("RoleArn");
    const std::string session_name = input.at("RoleSessionName");
    const auto role = parse_arn(role_arn);
    if (!role || role->service != "iam" || role->account.size() != 12 ||
        !role->resource.starts_with("role/")) {
        throw invalid_role_arn(role_arn);
    }
    const auto assumable =
        sts.roles.assumable(sts.database, {.role_arn = role_arn,
                                           .principal_arn = caller.principal_arn,
                                           .session_name = session_name,
                                           .external_id = text_or_empty(input, "ExternalId")});
    if (!assumable) throw not_authorized(caller.principal_arn, role_arn);
    const int seconds = value_or(input, "DurationSeconds", 3600);
    if (seconds > assumable->max_session_seconds) throw session_too_long();

    Session session = new_session(sts.random, *role, *assumable, session_name);
    session.expires = floor_to(sts.now, Milliseconds{1000}) + std::chrono::seconds(seconds);
    sts.sessions.remove_expired(sts.now);
    sts.sessions.create(session);
    sts.database.after_commit([&cache = sts.cache, session, now = sts.now] {
        cache.remove_expired(now);
        cache.add(session);
    });
    return {{"Credentials",
             {{"AccessKeyId", session.access_key},
              {"SecretAccessKey", session.secret_key},
              {"SessionToken", session.session_token},
              {"Expiration", epoch_ms(session.expires)}}},
            {"AssumedRoleUser", {{"AssumedRoleId", session.user_id}, {"Arn", session.principal_arn}}},
            {"PackedPolicySize", 0}};
}

constexpr Operation<Read, Write> table[] = {
    {"GetCallerIdentity", get_caller_identity},
    {"AssumeRole", assume_role},
};

std::vector<Session> stored_sessions(Storage& storage) {
    const auto lease = storage.read();
    return SessionReader(*lease).all();
}

}  // namespace

Sts::Sts(Storage& storage, RoleTrust& roles, Random& random)
    : TableService(table), roles_(roles), random_(random), cache_(stored_sessions(storage)) {}

std::optional<Issued> Sts::find(std::string_view access_key) const {
    auto session = cache_.find(access_key);
    if (!session) return std::nullopt;
    return Issued{std::move(session->account), std::move(session->principal_arn),
                  std::move(session->secret_key), std::move(session->session_token), session->expires};
}

void Sts::reset(Database& database) {
    SessionWriter(database).remove_all();
    database.after_commit([this] { cache_.clear(); });
}

Read Sts::reading(Database& /*database*/, Instant /*now*/) { return {cache_}; }

Write Sts::writing(Database& database, Instant now) {
    return {SessionWriter(database), cache_, roles_, random_, database, now};
}

}  // namespace rockwatch::sts
