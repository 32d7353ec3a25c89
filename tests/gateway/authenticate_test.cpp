#include "gateway/authenticate.hpp"

#include "support/catch.hpp"

using namespace rockwatch;

namespace {

HttpRequest signed_by(const std::string& access_key, const std::string& region) {
    HttpRequest request{.method = "POST", .target = "/"};
    request.headers.add("Host", "127.0.0.1:4566");
    request.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=" + access_key + "/20260101/" + region +
                                             "/logs/aws4_request, SignedHeaders=host, Signature=00");
    return request;
}

const Authenticator authenticator({"000000000000", "us-east-1"}, [](std::string_view key) {
    return key == "ASIAISSUED" ? std::optional(IssuedCredentials{
                                     "210987654321", "arn:aws:sts::210987654321:assumed-role/app/s1"})
                               : std::nullopt;
});

}  // namespace

TEST_CASE("the account is the access key when that has twelve digits", "[gateway][caller]") {
    const Caller caller = authenticator.caller(signed_by("123456789012", "eu-west-1"), "id");
    CHECK(caller.account == "123456789012");
    CHECK(caller.region == "eu-west-1");
    CHECK(caller.principal_arn == "arn:aws:iam::123456789012:root");
    CHECK(caller.base_url == "http://127.0.0.1:4566");
    CHECK(caller.request_id == "id");
}

TEST_CASE("any other access key means the default account", "[gateway][caller]") {
    CHECK(authenticator.caller(signed_by("AKIAIOSFODNN7EXAMPLE", "eu-west-1"), "id").account ==
          "000000000000");
}

TEST_CASE("an unsigned request is the defaults'", "[gateway][caller]") {
    HttpRequest request{.method = "POST", .target = "/"};
    const Caller caller = authenticator.caller(request, "id");
    CHECK(caller.account == "000000000000");
    CHECK(caller.region == "us-east-1");
    CHECK(caller.access_key.empty());
}

TEST_CASE("credentials that the emulator issued lead to their account and role", "[gateway][caller]") {
    const Caller caller = authenticator.caller(signed_by("ASIAISSUED", "us-east-1"), "id");
    CHECK(caller.account == "210987654321");
    CHECK(caller.principal_arn == "arn:aws:sts::210987654321:assumed-role/app/s1");
}
