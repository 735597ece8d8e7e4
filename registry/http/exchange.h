// SPDX-License-Identifier: Apache-2.0
//
// One request, and what came of it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/http/headers.h"
#include "registry/http/url.h"
#include "store/disk/blob_reader.h"
#include "trust/bytes.h"

namespace hallmark::registry {

/// Takes an answer as it arrives. What it throws ends the exchange and reaches the caller.
class Receiver {
 public:
  virtual ~Receiver() = default;
  /// False ends the exchange here.
  virtual bool begin(const Head& head) = 0;
  /// The next bytes. False ends the exchange here, as TransportError::stopped.
  virtual bool body(ByteView piece) = 0;
  /// The answer is whole. Nothing of one that was begun and has no end is an answer.
  virtual void end() {}

 protected:
  Receiver() = default;
  Receiver(const Receiver&) = default;
  Receiver& operator=(const Receiver&) = default;
};

enum class Method { get, head, post, put, patch, remove };
/// As it is sent: "GET", "DELETE".
std::string_view method_name(Method method);

/// One request as it is sent: what is not in it is not sent, but for what http.h says.
struct Request {
  enum class Kind { document, blob };  ///< a blob may take as long as it likes while bytes pass

  Url url;
  Kind kind = Kind::document;
  std::vector<std::string> headers{};  ///< "Name: value"; a body needs its Content-Type here
  Method method = Method::get;
  store::BlobReader* body = nullptr;  ///< for POST, PUT and PATCH, which without one send an empty body
  /// In the place of `body`, for bytes whose count nobody knows yet: 0 at their end. Sent in chunks.
  std::function<std::size_t(std::span<std::uint8_t>)> stream{};
  std::string socket{};  ///< a Unix socket in the place of the network
};

/// What went wrong below HTTP.
enum class TransportError {
  none,
  stopped,        ///< the receiver wanted no more
  unknown_host,   ///< the name has no address
  no_connection,  ///< refused, or not answered in time
  not_tls,        ///< the other side does not speak TLS at all
  untrusted,      ///< its certificate is not trusted, or is for another host
  no_tls,         ///< any other failure of the handshake
  timed_out,      ///< no byte for too long, or a document that takes too long
  proxy_refuses,  ///< the proxy on the way wants a password, or does not go there
  proxy_fails,    ///< the proxy on the way says that it cannot now
  cut,            ///< the connection ended before the answer did
  garbled         ///< what came is not HTTP, says of its end two things, or more than anyone needs
};

/// What came of a request: an answer that ended where its length, its chunks or its connection says that it ends
/// (RFC 9112 section 6.3), or an error. Nothing of a failed one is kept, so that nobody takes it for an answer.
class Exchange {
 public:
  static Exchange answered(Head head) { return {TransportError::none, {}, std::move(head)}; }
  static Exchange failed(TransportError error, std::string detail) { return {error, std::move(detail), {}}; }

  [[nodiscard]] bool is_answered() const { return error_ == TransportError::none; }
  [[nodiscard]] TransportError error() const { return error_; }
  /// Of the error, fit for a terminal.
  [[nodiscard]] const std::string& detail() const { return detail_; }
  /// Of the answer. An error has status 0 and no headers.
  [[nodiscard]] const Head& head() const { return head_; }
  [[nodiscard]] int status() const { return head_.status; }

 private:
  Exchange(TransportError error, std::string detail, Head head)
      : error_(error), detail_(std::move(detail)), head_(std::move(head)) {}

  TransportError error_;
  std::string detail_;
  Head head_;
};

}  // namespace hallmark::registry
