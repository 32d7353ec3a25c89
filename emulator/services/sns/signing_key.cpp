#include "services/sns/signing_key.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <stdexcept>

#include "core/error.hpp"
#include "core/text.hpp"

namespace rockwatch::sns {

namespace {

constexpr const char* prime_p =
    "c6c585d6fe356350468622a873d5cf72d2b1ab0dac6a5c0c2a4d93b50a35c5652fc2c9dbcfeef86aa73ba15b1dba5d52"
    "1cbc7b27a9143615cecf220d4ed5cd8e4624e2d6ae8e36f0730209f7e69bdd37510cb011cb53068304be931a7cd3b8ea"
    "6094e4b3e4a17170fdda1bcd4e20124af3fe25e4768257cb6eaa8ffca09be06b";
constexpr const char* prime_q =
    "c0c12ecd4347315d224e1bab584e0836b164113fecf2bd1aafce23f0111816d20e18ed464f8f42b7860bf42b819fea27"
    "6816db3f0f33d104f36d038ce860a98bbd871c5ca73d6663fae615bd16c310bfc984a36cd53cc591657d06a5638f3dc0"
    "0030c59a5057661566edf6bb6ffb3480f568f668ff4a2bc09447420f37e284db";

template <class T, void (*free)(T*)>
struct Free {
    void operator()(T* owned) const { free(owned); }
};
template <class T, void (*free)(T*)>
using Owned = std::unique_ptr<T, Free<T, free>>;
void free_bio(BIO* bio) { BIO_free_all(bio); }
using Number = Owned<BIGNUM, BN_free>;

template <class T>
T* have(T* made) {
    if (made == nullptr) throw BrokenPromise("OpenSSL has RSA and X.509");
    return made;
}
void have(int done) {
    if (done <= 0) throw BrokenPromise("OpenSSL has RSA and X.509");
}

Number number_of(const char* hex) {
    BIGNUM* number = nullptr;
    have(BN_hex2bn(&number, hex));
    return Number(number);
}

Number new_number() { return Number(have(BN_new())); }

/// n = pq and d = 1/e modulo (p-1)(q-1), with what makes signing quick beside them.
Owned<OSSL_PARAM, OSSL_PARAM_free> key_numbers() {
    const Owned<BN_CTX, BN_CTX_free> context(have(BN_CTX_new()));
    const Number p = number_of(prime_p);
    const Number q = number_of(prime_q);
    const Number e = number_of("10001");
    const Number n = new_number();
    const Number p_less = new_number();
    const Number q_less = new_number();
    const Number phi = new_number();
    const Number d = new_number();
    const Number d_p = new_number();
    const Number d_q = new_number();
    const Number inverse = new_number();
    have(BN_mul(n.get(), p.get(), q.get(), context.get()));
    have(BN_sub(p_less.get(), p.get(), BN_value_one()));
    have(BN_sub(q_less.get(), q.get(), BN_value_one()));
    have(BN_mul(phi.get(), p_less.get(), q_less.get(), context.get()));
    have(BN_mod_inverse(d.get(), e.get(), phi.get(), context.get()));
    have(BN_mod(d_p.get(), d.get(), p_less.get(), context.get()));
    have(BN_mod(d_q.get(), d.get(), q_less.get(), context.get()));
    have(BN_mod_inverse(inverse.get(), q.get(), p.get(), context.get()));

    const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(have(OSSL_PARAM_BLD_new()));
    const std::pair<const char*, BIGNUM*> named[] = {
        {OSSL_PKEY_PARAM_RSA_N, n.get()},           {OSSL_PKEY_PARAM_RSA_E, e.get()},
        {OSSL_PKEY_PARAM_RSA_D, d.get()},           {OSSL_PKEY_PARAM_RSA_FACTOR1, p.get()},
        {OSSL_PKEY_PARAM_RSA_FACTOR2, q.get()},     {OSSL_PKEY_PARAM_RSA_EXPONENT1, d_p.get()},
        {OSSL_PKEY_PARAM_RSA_EXPONENT2, d_q.get()}, {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, inverse.get()}};
    for (const auto& [name, value] : named) have(OSSL_PARAM_BLD_push_BN(builder.get(), name, value));
    return Owned<OSSL_PARAM, OSSL_PARAM_free>(have(OSSL_PARAM_BLD_to_param(builder.get())));
}

EVP_PKEY* make_key() {
    const auto numbers = key_numbers();
    const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
        have(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)));
    EVP_PKEY* key = nullptr;
    have(EVP_PKEY_fromdata_init(context.get()));
    have(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, numbers.get()));
    return key;
}

std::string make_certificate(EVP_PKEY* key) {
    const Owned<X509, X509_free> certificate(have(X509_new()));
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    have(ASN1_TIME_set_string(X509_getm_notBefore(certificate.get()), "20200101000000Z"));
    have(ASN1_TIME_set_string(X509_getm_notAfter(certificate.get()), "20991231235959Z"));
    have(X509_set_pubkey(certificate.get(), key));
    X509_NAME* name = X509_get_subject_name(certificate.get());
    const auto* common_name = reinterpret_cast<const unsigned char*>("sns.rockwatch.test");
    have(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0));
    have(X509_set_issuer_name(certificate.get(), name));
    have(X509_sign(certificate.get(), key, EVP_sha256()));

    const Owned<BIO, free_bio> memory(have(BIO_new(BIO_s_mem())));
    have(PEM_write_bio_X509(memory.get(), certificate.get()));
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace

const SigningKey::Made& SigningKey::made() const {
    std::call_once(is_made_, [this] {
        made_.key.reset(make_key());
        made_.certificate = make_certificate(made_.key.get());
    });
    return made_;
}

std::string SigningKey::sign(std::string_view text, std::string_view signature_version) const {
    const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(have(EVP_MD_CTX_new()));
    const EVP_MD* digest = signature_version == "2" ? EVP_sha256() : EVP_sha1();
    have(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, made().key.get()));
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    have(EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()));
    std::string signature(size, '\0');
    have(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                        text.size()));
    signature.resize(size);
    return base64_encode(signature);
}

}  // namespace rockwatch::sns
