// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tls_identity.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <stdexcept>

#include "trust/bytes.h"

namespace hallmark::test {
namespace {

template <auto Free>
struct Deleter {
  template <class Thing>
  void operator()(Thing* thing) const {
    Free(thing);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using Connection = std::unique_ptr<SSL, Deleter<SSL_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;

void must(bool done) {
  if (!done) throw std::runtime_error("the test certificate could not be made");
}

Certificate make_certificate(EVP_PKEY* key, const TlsIdentity::Wish& wish) {
  Certificate certificate(X509_new());
  X509* const raw = certificate.get();
  must(raw != nullptr && X509_set_version(raw, 2) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(raw), 1);
  constexpr long kDay = 86400;
  X509_gmtime_adj(X509_getm_notBefore(raw), -3 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(raw), wish.expired ? -kDay : kDay);
  X509_NAME* const name = X509_get_subject_name(raw);
  const std::string common = "hallmark test " + wish.host;
  X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC, view_of(common).data(),
                             static_cast<int>(common.size()), -1, 0);
  must(X509_set_issuer_name(raw, name) == 1 && X509_set_pubkey(raw, key) == 1);
  const std::string names = "DNS:" + wish.host;
  const Extension extension(X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str()));
  must(extension != nullptr && X509_add_ext(raw, extension.get(), -1) == 1);
  must(X509_sign(raw, key, EVP_sha256()) != 0);
  return certificate;
}

template <class Write>
std::string pem_of(Write write) {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(write(bio.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

/// RFC 4648 section 5, without padding.
std::string base64_url(std::string text) {
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text.substr(0, text.find('='));
}

/// r and s, 32 bytes each (RFC 7518 section 3.4).
Bytes signature_of(EVP_PKEY* key, std::string_view text) {
  const std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  must(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1);
  Bytes der(128);
  std::size_t size = der.size();
  must(EVP_DigestSign(context.get(), der.data(), &size, view_of(text).data(), text.size()) == 1);
  const unsigned char* at = der.data();
  const std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>> pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
  Bytes raw(64);
  must(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), raw.data(), 32) == 32);
  must(BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), raw.data() + 32, 32) == 32);
  return raw;
}

class ServerStream final : public TlsStream {
 public:
  explicit ServerStream(Connection connection) : connection_(std::move(connection)) {}
  ~ServerStream() override {
    if (!is_dropped_) SSL_shutdown(connection_.get());
  }
  ServerStream(const ServerStream&) = delete;
  ServerStream& operator=(const ServerStream&) = delete;

  long receive(char* to, std::size_t most) override { return SSL_read(connection_.get(), to, static_cast<int>(most)); }
  long send(std::string_view text) override {
    return SSL_write(connection_.get(), text.data(), static_cast<int>(std::min<std::size_t>(text.size(), 1U << 20U)));
  }
  void drop() override { is_dropped_ = true; }

 private:
  Connection connection_;
  bool is_dropped_ = false;
};

}  // namespace

struct TlsIdentity::Inside {
  Key key;
  Certificate certificate;
  Context context;
  std::string pem;
};

TlsIdentity::TlsIdentity(const Wish& wish) : inside_(std::make_unique<Inside>()) {
  inside_->key.reset(EVP_EC_gen("P-256"));
  inside_->certificate = make_certificate(inside_->key.get(), wish);
  inside_->pem = pem_of([&](BIO* bio) { return PEM_write_bio_X509(bio, inside_->certificate.get()); });
  inside_->context.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = inside_->context.get();
  must(SSL_CTX_use_certificate(context, inside_->certificate.get()) == 1 &&
       SSL_CTX_use_PrivateKey(context, inside_->key.get()) == 1);
  if (wish.only_tls_1_1) {
    SSL_CTX_set_security_level(context, 0);
    must(SSL_CTX_set_min_proto_version(context, TLS1_1_VERSION) == 1);
    must(SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION) == 1);
  }
}

TlsIdentity::~TlsIdentity() = default;

const std::string& TlsIdentity::certificate_pem() const { return inside_->pem; }

std::string TlsIdentity::key_pem() const {
  return pem_of([this](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, inside_->key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string TlsIdentity::token(std::string_view claims) const {
  // PEM is DER in base64 between two lines.
  std::string der = inside_->pem.substr(inside_->pem.find('\n') + 1);
  der.erase(der.find("-----END"));
  std::erase(der, '\n');
  const std::string header = R"({"typ":"JWT","alg":"ES256","x5c":[")" + der + "\"]}";
  const std::string text = base64_url(base64_of(view_of(header))) + "." + base64_url(base64_of(view_of(claims)));
  return text + "." + base64_url(base64_of(signature_of(inside_->key.get(), text)));
}

std::unique_ptr<TlsStream> TlsIdentity::accept(int socket) const {
  Connection connection(SSL_new(inside_->context.get()));
  if (SSL_set_fd(connection.get(), socket) != 1 || SSL_accept(connection.get()) != 1) return nullptr;
  return std::make_unique<ServerStream>(std::move(connection));
}

}  // namespace hallmark::test
