#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

namespace rockwatch::sns {

/// The RSA key that SNS messages are signed with, and its certificate, so that a validator's own code runs.
///
/// Chosen: one key for every emulator, known to all. A key made at random would break the promise that the
/// same calls give the same bytes; and nobody must trust this one beyond a test. Thread-safe.
class SigningKey {
public:
    SigningKey();

    /// Base64. Version "1" is SHA1withRSA, "2" is SHA256withRSA.
    std::string sign(std::string_view text, std::string_view signature_version) const;
    /// PEM, self-signed.
    const std::string& certificate() const { return certificate_; }

private:
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
    std::string certificate_;
};

}  // namespace rockwatch::sns
