#include "credentials_file.hpp"

#include <sys/stat.h>

#include <fstream>

#include "files.hpp"
#include "storage/scratch.hpp"
#include "support/catch.hpp"

using namespace rockwatch;

namespace {

const Owner defaults{"000000000000", "us-east-1"};

Credentials parsed(const std::string& text) { return parse_credentials("keys", text, defaults); }

std::string fault_of(const std::string& text) {
    try {
        parsed(text);
    } catch (const FileError& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("credentials say whom they belong to", "[credentials]") {
    const Credentials all = parsed(R"({
        "credentials": [
            {"accessKeyId": "AKID", "secretAccessKey": "s"},
            {"accessKeyId": "111122223333", "secretAccessKey": "s", "sessionToken": "t", "region": "eu-west-1"},
            {"accessKeyId": "B", "secretAccessKey": "s", "account": "444455556666"},
            {"accessKeyId": "C", "secretAccessKey": "s", "arn": "arn:aws:iam::777788889999:user/ada"}],
        "bearerTokens": [{"token": "b"}, {"token": "c", "account": "444455556666", "region": "us-west-2"}]})");
    REQUIRE(all.keys.size() == 4);
    CHECK(all.keys[0].account == "000000000000");
    CHECK(all.keys[0].principal_arn == "arn:aws:iam::000000000000:root");
    CHECK(all.keys[1].account == "111122223333");
    CHECK(all.keys[1].session_token == "t");
    CHECK(all.keys[1].region == "eu-west-1");
    CHECK(all.keys[2].principal_arn == "arn:aws:iam::444455556666:root");
    CHECK(all.keys[3].account == "777788889999");
    CHECK(all.keys[3].principal_arn == "arn:aws:iam::777788889999:user/ada");
    REQUIRE(all.tokens.size() == 2);
    CHECK(all.tokens[0].region == "us-east-1");
    CHECK(all.tokens[1].account == "444455556666");
    CHECK(all.tokens[1].region == "us-west-2");
}

TEST_CASE("AWS's own credentials file is read, too", "[credentials]") {
    const Credentials all = parsed(
        "# mine\n[default]\naws_access_key_id = AKID\naws_secret_access_key=se/cr=et\n\n"
        "[profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = default\n"
        "[other]\r\naws_access_key_id = B\r\naws_secret_access_key = s\r\naws_session_token = t\r\n"
        "s3 =\n  max_concurrent_requests = 2\n");
    REQUIRE(all.keys.size() == 2);
    CHECK(all.keys[0].access_key == "AKID");
    CHECK(all.keys[0].secret_key == "se/cr=et");
    CHECK(all.keys[1].session_token == "t");
}

TEST_CASE("a credentials file that is wrong says where, and no secret", "[credentials]") {
    struct Row {
        std::string text;
        std::string fault;
    };
    const auto row = GENERATE(values<Row>({
        {"{}", "keys: holds no credentials: nobody could call"},
        {"[default]\n", "keys: holds no credentials: nobody could call"},
        {R"({"credentials":[{"accessKeyId":"A"}]})", "keys: lacks secretAccessKey (at /credentials/0)"},
        {R"({"credentials":[{"accessKeyId":"A","secretAccessKey":"SECRET","token":"SECRET"}]})",
         "keys: unknown member token (at /credentials/0/token)"},
        {R"({"credentials":[{"accessKeyId":"A","secretAccessKey":5}]})",
         "keys: must be a text, and not empty (at /credentials/0/secretAccessKey)"},
        {R"({"credentials":[{"accessKeyId":"A","secretAccessKey":"SECRET","account":"1"}]})",
         "keys: must be 12 digits (at /credentials/0/account)"},
        {R"({"credentials":[{"accessKeyId":"A","secretAccessKey":"SECRET","arn":"root"}]})",
         "keys: must be the ARN of a user, a role or a session (at /credentials/0/arn)"},
        {R"({"bearerTokens":[{}]})", "keys: lacks token (at /bearerTokens/0)"},
        {R"({"tokens":[]})", "keys: unknown member tokens (at /tokens)"},
        {"[default]\nSECRET\n", "keys:2:1: a line is neither [profile] nor name = value"},
    }));
    CAPTURE(row.text);
    CHECK(fault_of(row.text) == row.fault);
    CHECK(fault_of(R"({"credentials":[{"accessKeyId":"A","secretAccessKey":"SECRET)").find("SECRET") ==
          std::string::npos);
}

TEST_CASE("a credentials file that others may read is refused", "[credentials]") {
    const Scratch scratch;
    const std::string path = scratch.file("keys.json");
    std::ofstream(path) << R"({"bearerTokens":[{"token":"b"}]})";
    for (const mode_t mode : {0644, 0640, 0604, 0620}) {
        ::chmod(path.c_str(), mode);
        CAPTURE(mode);
        CHECK_THROWS_AS(read_credentials_file(path, defaults), FileError);
    }
    ::chmod(path.c_str(), 0600);
    CHECK(read_credentials_file(path, defaults).tokens.size() == 1);
    CHECK_THROWS_AS(read_credentials_file(scratch.file("absent"), defaults), FileError);
}
