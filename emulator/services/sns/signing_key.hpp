#pragma once

#include <openssl/evp.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace rockwatch::sns {

/// The RSA key that SNS messages are signed with, and its certificate, so that a validator's own code runs.
///
/// Chosen: one key for every emulator, known to all. A key made at random would break the promise that the
/// same calls give the same bytes; and nobody must trust this one beyond a test. Made when it is first
/// needed, since it takes longer than the rest of the world. Thread-safe.
class SigningKey {
public:
    /// Base64. Version "1" is SHA1withRSA, "2" is SHA256withRSA.
    std::string sign(std::string_view text, std::string_view signature_version) const;
    /// PEM, self-signed.
    const std::string& certificate() const { return made().certificate; }

private:
    struct Made {
        std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{nullptr, EVP_PKEY_free};
        std::string certificate;
    };
    const Made& made() const;

    mutable std::once_flag is_made_;
    mutable Made made_;
};

}  // namespace rockwatch::sns
