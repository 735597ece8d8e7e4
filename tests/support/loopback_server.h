// SPDX-License-Identifier: Apache-2.0
//
// An HTTP/1.1 server on a free port of the loopback that answers as it is told, truthfully or not; with an identity
// it speaks TLS, without one it answers a greeting in TLS as plain servers do.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/tls_identity.h"

namespace hallmark::test {

struct Asked {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;

  [[nodiscard]] std::string header(const std::string& name) const;
  [[nodiscard]] bool has(const std::string& name) const { return headers.contains(name); }
};

struct Told {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::optional<std::uint64_t> announced{};      ///< Content-Length when it is not the body's
  bool without_length = false;                   ///< the end of the connection ends the body
  std::optional<std::size_t> cut_after{};        ///< bytes of the body, then the connection ends
  bool endless = false;                          ///< the body is repeated for ever, without a length
  std::chrono::milliseconds silence{0};          ///< before the first byte
  std::chrono::milliseconds silence_in_body{0};  ///< after the first half of the body
  std::chrono::milliseconds drip{0};             ///< after each byte of the body
  std::chrono::milliseconds drip_in_head{0};     ///< after each byte of the head
  std::optional<std::string> raw{};              ///< sent instead of all that, then the connection ends
  bool dropped = false;                          ///< where the connection ends, it ends without a word
};

/// What happens before the body of a request is read: it is refused unread, or the connection ends in the middle of it.
struct Foul {
  std::optional<Told> refusal{};
  std::optional<std::size_t> cut_after{};
};

class LoopbackServer {
 public:
  using Answer = std::function<Told(const Asked&)>;
  using Fouling = std::function<Foul(const Asked&)>;

  explicit LoopbackServer(Answer answer);
  /// The identity must outlive the server.
  LoopbackServer(Answer answer, const TlsIdentity& identity);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  /// From now on; what was refused or cut stands in asked() with the body as far as it was read.
  void foul(Fouling fouling);
  /// "localhost:PORT"
  [[nodiscard]] std::string name() const { return "localhost:" + std::to_string(port_); }
  /// What was asked so far, in order.
  [[nodiscard]] std::vector<Asked> asked() const;
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void accept_all();
  void serve(int socket);
  void converse(TlsStream& stream);
  bool tell(TlsStream& stream, const Told& told);
  Foul foul_of(const Asked& asked);
  void note(const Asked& asked);

  Answer answer_;
  Fouling fouling_;
  const TlsIdentity* identity_ = nullptr;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> ending_ = false;
  std::atomic<int> connections_ = 0;
  mutable std::mutex mutex_;
  std::vector<Asked> asked_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

/// A port that nobody listens on, for the moment.
int free_port();

}  // namespace hallmark::test
