#include "credentials_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "files.hpp"

namespace rockwatch {

namespace {

bool is_account(std::string_view text) {
    constexpr std::size_t digits = 12;
    return text.size() == digits && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string root_of(const std::string& account) { return fmt::format("arn:aws:iam::{}:root", account); }

/// Reads one object of the JSON form: known members alone, all of them texts.
class Entry {
public:
    Entry(const std::string& file, const Json& json, std::string pointer)
        : file_(file), json_(json), pointer_(std::move(pointer)) {
        if (!json.is_object()) throw FileError(file_, "must be an object", pointer_);
    }

    void expect(std::initializer_list<std::string_view> known) const {
        for (const auto& [name, value] : json_.items()) {
            const std::string place = pointer_ + "/" + name;
            if (std::find(known.begin(), known.end(), name) == known.end())
                throw FileError(file_, fmt::format("unknown member {}", name), place);
            if (!value.is_string() || value.get_ref<const std::string&>().empty())
                throw FileError(file_, "must be a text, and not empty", place);
        }
    }

    std::string required(const char* name) const {
        if (!json_.contains(name)) throw FileError(file_, fmt::format("lacks {}", name), pointer_);
        return json_.at(name);
    }
    std::string optional(const char* name) const { return text_or_empty(json_, name); }

    /// Whom it belongs to: the account and the principal.
    std::pair<std::string, std::string> owner(const std::string& otherwise) const {
        const std::string arn_text = optional("arn");
        std::string account = optional("account");
        if (!account.empty() && !is_account(account))
            throw FileError(file_, "must be 12 digits", pointer_ + "/account");
        if (!arn_text.empty()) {
            const auto arn = parse_arn(arn_text);
            if (!arn || !is_account(arn->account) || (arn->service != "iam" && arn->service != "sts"))
                throw FileError(file_, "must be the ARN of a user, a role or a session", pointer_ + "/arn");
            if (!account.empty() && account != arn->account)
                throw FileError(file_, "is of another account", pointer_ + "/arn");
            account = arn->account;
        }
        if (account.empty()) account = otherwise;
        return {account, arn_text.empty() ? root_of(account) : arn_text};
    }

private:
    const std::string& file_;
    const Json& json_;
    std::string pointer_;
};

const Json& list_of(const std::string& file, const Json& json, const char* name) {
    static const Json none = Json::array();
    if (!json.contains(name)) return none;
    const Json& list = json.at(name);
    if (!list.is_array()) throw FileError(file, "must be a list", fmt::format("/{}", name));
    return list;
}

Credential read_key(const Entry& entry, const Owner& defaults) {
    entry.expect({"accessKeyId", "secretAccessKey", "sessionToken", "account", "region", "arn"});
    Credential key{.access_key = entry.required("accessKeyId"),
                   .secret_key = entry.required("secretAccessKey"),
                   .session_token = entry.optional("sessionToken"),
                   .region = entry.optional("region")};
    std::tie(key.account, key.principal_arn) =
        entry.owner(is_account(key.access_key) ? key.access_key : defaults.account);
    return key;
}

BearerToken read_token(const Entry& entry, const Owner& defaults) {
    entry.expect({"token", "account", "region", "arn"});
    BearerToken token{.token = entry.required("token"), .region = entry.optional("region")};
    if (token.region.empty()) token.region = defaults.region;
    std::tie(token.account, token.principal_arn) = entry.owner(defaults.account);
    return token;
}

Credentials parse_json_form(const std::string& file, const std::string& text, const Owner& defaults) {
    const Json json = parse_json_of(file, text);
    if (!json.is_object()) throw FileError(file, "must be an object with credentials and bearerTokens");
    for (const auto& [name, value] : json.items()) {
        if (name != "credentials" && name != "bearerTokens")
            throw FileError(file, fmt::format("unknown member {}", name), "/" + name);
    }
    Credentials all;
    std::set<std::string> seen;
    for (const Json& one : list_of(file, json, "credentials")) {
        const std::string pointer = fmt::format("/credentials/{}", all.keys.size());
        all.keys.push_back(read_key(Entry(file, one, pointer), defaults));
        if (!seen.insert(all.keys.back().access_key).second)
            throw FileError(file, "another one has this access key already", pointer + "/accessKeyId");
    }
    for (const Json& one : list_of(file, json, "bearerTokens")) {
        const std::string pointer = fmt::format("/bearerTokens/{}", all.tokens.size());
        all.tokens.push_back(read_token(Entry(file, one, pointer), defaults));
    }
    return all;
}

/// AWS's shared credentials file. Profiles without a key of their own (roles, SSO) are nobody's here.
Credentials parse_profiles(const std::string& file, const std::string& text, const Owner& defaults) {
    Credentials all;
    Credential key;
    const auto finish = [&] {
        const bool is_whole = !key.access_key.empty() && !key.secret_key.empty();
        const bool is_new = std::none_of(all.keys.begin(), all.keys.end(), [&](const Credential& other) {
            return other.access_key == key.access_key;
        });
        if (is_whole && is_new) {
            key.account = is_account(key.access_key) ? key.access_key : defaults.account;
            key.principal_arn = root_of(key.account);
            all.keys.push_back(key);
        }
        key = {};
    };
    int number = 0;
    for (std::string_view line : split(text, '\n')) {
        ++number;
        const bool is_nested = line.starts_with(' ') || line.starts_with('\t');
        line = trim(line, " \t\r");
        if (line.empty() || line.front() == '#' || line.front() == ';' || is_nested) continue;
        if (line.front() == '[') {
            finish();
            continue;
        }
        const auto equals = line.find('=');
        if (equals == std::string_view::npos)
            throw FileError(file, "a line is neither [profile] nor name = value",
                            fmt::format("{}:1", number));
        const auto name = trim(line.substr(0, equals));
        const std::string value(trim(line.substr(equals + 1)));
        if (name == "aws_access_key_id") key.access_key = value;
        if (name == "aws_secret_access_key") key.secret_key = value;
        if (name == "aws_session_token") key.session_token = value;
        if (name == "region") key.region = value;
    }
    finish();
    return all;
}

}  // namespace

Credentials parse_credentials(const std::string& path, const std::string& text, const Owner& defaults) {
    const auto first = text.find_first_not_of(" \t\r\n");
    const bool is_json = first != std::string::npos && text[first] == '{';
    Credentials all = is_json ? parse_json_form(path, text, defaults) : parse_profiles(path, text, defaults);
    if (all.keys.empty() && all.tokens.empty())
        throw FileError(path, "holds no credentials: nobody could call");
    return all;
}

Credentials read_credentials_file(const std::string& path, const Owner& defaults) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) throw FileError(path, fmt::format("cannot be read: {}", std::strerror(errno)));
    struct stat facts {};
    std::string text;
    char buffer[4096];
    ssize_t count = 0;
    // What is judged is what is read, whatever the name leads to by then.
    const bool is_known = ::fstat(file, &facts) == 0;
    while ((count = ::read(file, buffer, sizeof buffer)) > 0)
        text.append(buffer, static_cast<std::size_t>(count));
    const int fault = errno;
    ::close(file);
    if (!is_known || count < 0)
        throw FileError(path, fmt::format("cannot be read: {}", std::strerror(fault)));
    constexpr mode_t others = 077;
    if ((facts.st_mode & others) != 0)
        throw FileError(path, fmt::format("others than its owner may read it (mode {:03o}): chmod 600 {}",
                                          facts.st_mode & 0777U, path));
    return parse_credentials(path, text, defaults);
}

}  // namespace rockwatch
