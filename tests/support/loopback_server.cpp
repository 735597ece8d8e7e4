// SPDX-License-Identifier: Apache-2.0
#include "tests/support/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <tuple>

namespace hallmark::test {
namespace {

/// Listening on a free port, and which one it is.
std::pair<int, int> listen_on_loopback() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr generic{};
  static_assert(sizeof generic == sizeof address);
  std::memcpy(&generic, &address, sizeof address);
  socklen_t size = sizeof generic;
  if (socket < 0 || ::bind(socket, &generic, size) != 0 || ::listen(socket, 64) != 0 ||
      ::getsockname(socket, &generic, &size) != 0) {
    throw std::runtime_error("no port on the loopback");
  }
  std::memcpy(&address, &generic, sizeof address);
  return {socket, ntohs(address.sin_port)};
}

class PlainStream final : public TlsStream {
 public:
  explicit PlainStream(int socket) : socket_(socket) {}

  long receive(char* to, std::size_t most) override { return ::recv(socket_, to, most, 0); }
  long send(std::string_view text) override { return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL); }
  void drop() override {
    sockaddr nobody{};
    nobody.sa_family = AF_UNSPEC;
    ::connect(socket_, &nobody, sizeof nobody);
  }

 private:
  int socket_;
};

bool send_all(TlsStream& stream, std::string_view text) {
  while (!text.empty()) {
    const long sent = stream.send(text);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

class Incoming {
 public:
  explicit Incoming(TlsStream& stream) : stream_(stream) {}

  /// Up to the mark, which is taken as well.
  std::optional<std::string> until(std::string_view mark) {
    for (;;) {
      const auto found = buffer_.find(mark);
      if (found != std::string::npos) return take(found + mark.size());
      if (!more()) return std::nullopt;
    }
  }
  std::optional<std::string> bytes(std::size_t count) {
    while (buffer_.size() < count) {
      if (!more()) return std::nullopt;
    }
    return take(count);
  }
  /// A greeting in TLS, which this server does not speak.
  bool is_tls() { return (!buffer_.empty() || more()) && buffer_.front() == '\x16'; }

 private:
  std::string take(std::size_t count) {
    std::string text = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return text;
  }
  bool more() {
    std::array<char, 4096> piece{};
    const long got = stream_.receive(piece.data(), piece.size());
    if (got <= 0) return false;
    buffer_.append(piece.data(), static_cast<std::size_t>(got));
    return true;
  }

  TlsStream& stream_;
  std::string buffer_;
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

std::optional<Asked> read_head(Incoming& in) {
  const auto head = in.until("\r\n\r\n");
  if (!head) return std::nullopt;
  Asked asked;
  const auto first_end = head->find("\r\n");
  const auto method_end = head->find(' ');
  const auto target_end = head->find(' ', method_end + 1);
  if (target_end == std::string::npos || target_end > first_end) return std::nullopt;
  asked.method = head->substr(0, method_end);
  asked.target = head->substr(method_end + 1, target_end - method_end - 1);
  for (std::size_t at = first_end + 2; at < head->size();) {
    const auto end = head->find("\r\n", at);
    const auto colon = head->find(": ", at);
    if (colon < end) asked.headers[lower(head->substr(at, colon - at))] = head->substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  return asked;
}

std::string head_of(const Told& told) {
  std::string head = "HTTP/1.1 " + std::to_string(told.status) + " Told\r\n";
  for (const auto& [name, value] : told.headers) head.append(name).append(": ").append(value).append("\r\n");
  if (told.without_length || told.endless) {
    head += "Connection: close\r\n";
  } else {
    head += "Content-Length: " + std::to_string(told.announced.value_or(told.body.size())) + "\r\n";
  }
  return head + "\r\n";
}

}  // namespace

std::string Asked::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

LoopbackServer::LoopbackServer(Answer answer) : answer_(std::move(answer)) {
  std::tie(listener_, port_) = listen_on_loopback();
  accepting_ = std::thread([this] { accept_all(); });
}

LoopbackServer::LoopbackServer(Answer answer, const TlsIdentity& identity)
    : answer_(std::move(answer)), identity_(&identity) {
  std::tie(listener_, port_) = listen_on_loopback();
  accepting_ = std::thread([this] { accept_all(); });
}

LoopbackServer::~LoopbackServer() {
  ending_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  for (const int socket : sockets_) ::close(socket);
}

void LoopbackServer::foul(Fouling fouling) {
  const std::lock_guard lock(mutex_);
  fouling_ = std::move(fouling);
}

std::vector<Asked> LoopbackServer::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void LoopbackServer::accept_all() {
  while (!ending_) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const int at_once = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    ++connections_;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    threads_.emplace_back([this, socket] { serve(socket); });
  }
}

void LoopbackServer::serve(int socket) {
  // A client that turns away is no reason to die; in this thread only, or a fault of the client's would be hidden.
  sigset_t pipes;
  sigemptyset(&pipes);
  sigaddset(&pipes, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipes, nullptr);
  if (identity_ != nullptr) {
    if (const auto stream = identity_->accept(socket)) converse(*stream);
  } else {
    PlainStream stream(socket);
    converse(stream);
  }
  ::shutdown(socket, SHUT_RDWR);
}

void LoopbackServer::converse(TlsStream& stream) {
  Incoming in(stream);
  if (in.is_tls()) {
    --connections_;
    send_all(stream, "HTTP/1.0 400 Bad Request\r\n\r\n");
    return;
  }
  for (bool go_on = true; go_on && !ending_;) {
    auto asked = read_head(in);
    if (!asked) return;
    const std::size_t length = asked->has("content-length") ? std::stoul(asked->header("content-length")) : 0;
    const Foul foul = foul_of(*asked);
    if (foul.refusal) {
      note(*asked);
      tell(stream, *foul.refusal);
      return;
    }
    if (asked->has("expect") && !send_all(stream, "HTTP/1.1 100 Continue\r\n\r\n")) return;
    const auto body = in.bytes(std::min(length, foul.cut_after.value_or(length)));
    if (!body) return;
    asked->body = *body;
    note(*asked);
    if (foul.cut_after) return;
    Told told = answer_(*asked);
    if (asked->method == "HEAD" && !told.raw) {
      told.announced = told.announced.value_or(told.body.size());
      told.body.clear();
      go_on = send_all(stream, head_of(told));
      continue;
    }
    go_on = tell(stream, told);
    if (!go_on && told.dropped) stream.drop();
  }
}

Foul LoopbackServer::foul_of(const Asked& asked) {
  Fouling fouling;
  {
    const std::lock_guard lock(mutex_);
    fouling = fouling_;
  }
  return fouling ? fouling(asked) : Foul{};
}

void LoopbackServer::note(const Asked& asked) {
  const std::lock_guard lock(mutex_);
  asked_.push_back(asked);
}

/// Whether the connection may be used again.
bool LoopbackServer::tell(TlsStream& stream, const Told& told) {
  const auto wait = [&](std::chrono::milliseconds time) {
    for (; time.count() > 0 && !ending_; time -= std::chrono::milliseconds(10)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  };
  wait(told.silence);
  if (told.raw) {
    send_all(stream, *told.raw);
    return false;
  }
  const auto drip = [&](std::string_view text, std::chrono::milliseconds pause) {
    for (std::size_t at = 0; at < text.size() && !ending_; ++at) {
      if (!send_all(stream, text.substr(at, 1))) return false;
      wait(pause);
    }
    return true;
  };
  const bool is_head_sent =
      told.drip_in_head.count() > 0 ? drip(head_of(told), told.drip_in_head) : send_all(stream, head_of(told));
  if (!is_head_sent) return false;
  while (told.endless && !ending_) {
    if (!send_all(stream, told.body)) return false;
  }
  const std::string_view body = std::string_view(told.body).substr(0, told.cut_after.value_or(told.body.size()));
  if (told.drip.count() > 0 && !drip(body, told.drip)) return false;
  const std::size_t half = told.silence_in_body.count() > 0 ? body.size() / 2 : body.size();
  if (!send_all(stream, body.substr(0, half))) return false;
  if (half < body.size()) wait(told.silence_in_body);
  return send_all(stream, body.substr(half)) && !told.cut_after && !told.without_length && !told.announced;
}

int free_port() {
  const auto [socket, port] = listen_on_loopback();
  ::close(socket);
  return port;
}

}  // namespace hallmark::test
