// SPDX-License-Identifier: Apache-2.0
//
// A certificate for a test server on the loopback, its own authority, and the server's side of TLS.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace hallmark::test {

/// One connection as a server sees it.
class TlsStream {
 public:
  virtual ~TlsStream() = default;
  /// 0 or less at the end.
  virtual long receive(char* to, std::size_t most) = 0;
  virtual long send(std::string_view text) = 0;
  /// Ends it without a word: by a reset, over TLS without its own end.
  virtual void drop() = 0;
};

class TlsIdentity {
 public:
  struct Wish {
    std::string host = "localhost";
    bool expired = false;
    bool only_tls_1_1 = false;
  };

  explicit TlsIdentity(const Wish& wish);
  ~TlsIdentity();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;

  /// What a client must trust.
  [[nodiscard]] const std::string& certificate_pem() const;
  [[nodiscard]] std::string key_pem() const;
  /// A JSON Web Token (RFC 7519, ES256) that names this certificate.
  [[nodiscard]] std::string token(std::string_view claims) const;
  /// Nothing when the client turns away. The socket stays the caller's.
  [[nodiscard]] std::unique_ptr<TlsStream> accept(int socket) const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace hallmark::test
