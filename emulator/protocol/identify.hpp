#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/message.hpp"
#include "protocol/model.hpp"

namespace rockwatch {

/// What a request means. `operation` is null when the service is clear but the operation is not known to it.
struct Target {
    const ServiceModel* service = nullptr;
    const OperationModel* operation = nullptr;
    Protocol protocol = Protocol::rest_json;
    std::string operation_name;  ///< as named by the client, for error texts; empty when it named none
};

/// The credential scope of a SigV4 signature, from the Authorization header or the presigned query.
struct CredentialScope {
    std::string access_key;
    std::string region;
    std::string signing_name;
};

std::optional<CredentialScope> credential_scope(const HttpRequest& request);

/// Whether parameters of the query protocol may stand in the body.
bool may_be_form(const HttpRequest& request);

/// Which service, operation and protocol a request means (facts: protocols.md 1). `body` is needed for the
/// query protocol's Action alone, and so only of what may be a form. A service of nullptr: nothing fits.
Target identify(const ModelLibrary& models, const HttpRequest& request, std::string_view body);

}  // namespace rockwatch
