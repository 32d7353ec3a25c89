#include "protocol/checksum.hpp"

#include <openssl/evp.h>
#include <zlib.h>

#include <array>
#include <cstdint>

#include "core/error.hpp"
#include "core/text.hpp"

namespace rockwatch {

namespace {

/// A reflected CRC of as many bits as `Word` has, with all ones before and after.
template <class Word>
class Crc {
public:
    constexpr explicit Crc(Word polynomial) {
        for (unsigned byte = 0; byte < table_.size(); ++byte) {
            Word value = byte;
            for (int bit = 0; bit < 8; ++bit)
                value = (value >> 1U) ^ ((value & 1U) != 0 ? polynomial : Word{0});
            table_[byte] = value;
        }
    }

    Word of(std::string_view bytes) const {
        Word value = ~Word{0};
        for (const char letter : bytes)
            value = table_[(value ^ static_cast<unsigned char>(letter)) & 0xffU] ^ (value >> 8U);
        return ~value;
    }

private:
    std::array<Word, 256> table_{};
};

constexpr Crc<std::uint32_t> crc32c(0x82f63b78U);
constexpr Crc<std::uint64_t> crc64nvme(0x9a6c9329ac4bc9b5ULL);

template <class Word>
std::string in_network_order(Word value) {
    std::string bytes(sizeof value, '\0');
    for (std::size_t index = bytes.size(); index-- > 0; value >>= 8U)
        bytes[index] = static_cast<char>(value & 0xffU);
    return base64_encode(bytes);
}

std::string digest(const EVP_MD* algorithm, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
    unsigned size = 0;
    ensure(EVP_Digest(bytes.data(), bytes.size(), value.data(), &size, algorithm, nullptr) == 1,
           "SHA-1 and SHA-256 are always there");
    return base64_encode({reinterpret_cast<const char*>(value.data()), size});
}

}  // namespace

std::optional<std::string> checksum(std::string_view algorithm, std::string_view bytes) {
    if (algorithm == "crc32") {
        const auto* text = reinterpret_cast<const Bytef*>(bytes.data());
        return in_network_order(static_cast<std::uint32_t>(crc32_z(0, text, bytes.size())));
    }
    if (algorithm == "crc32c") return in_network_order(crc32c.of(bytes));
    if (algorithm == "crc64nvme") return in_network_order(crc64nvme.of(bytes));
    if (algorithm == "sha1") return digest(EVP_sha1(), bytes);
    if (algorithm == "sha256") return digest(EVP_sha256(), bytes);
    return std::nullopt;
}

}  // namespace rockwatch
