#pragma once

#include <string>

#include "core/caller.hpp"
#include "gateway/credentials.hpp"

namespace rockwatch {

/// Who may call with --auth verify. Two forms are read: our own JSON
/// `{"credentials":[{"accessKeyId","secretAccessKey","sessionToken"?,"account"?,"region"?,"arn"?}],
///   "bearerTokens":[{"token","account"?,"region"?,"arn"?}]}`
/// and AWS's shared credentials file ([profile] aws_access_key_id = …). An account is the key itself when
/// that has 12 digits, else the ARN's, else the default. Throws FileError, without a secret in it; also when
/// others than the owner may read the file.
Credentials read_credentials_file(const std::string& path, const Owner& defaults);

/// The same without a look at who may read it, of a text: for validate.
Credentials parse_credentials(const std::string& path, const std::string& text, const Owner& defaults);

}  // namespace rockwatch
