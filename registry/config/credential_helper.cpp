// SPDX-License-Identifier: Apache-2.0
#include "registry/config/credential_helper.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

#include "registry/process/subprocess.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostOutputBytes = std::size_t{1} << 20U;
constexpr std::size_t kMostInputBytes = std::size_t{32} << 10U;  // fits a pipe that nobody reads yet
constexpr std::chrono::milliseconds kSlice{50};

std::string word_for(HelperVerb verb) {
  switch (verb) {
    case HelperVerb::get: return "get";
    case HelperVerb::store: return "store";
    case HelperVerb::erase: return "erase";
  }
  return "get";
}

pid_t spawn(const std::string& program, const std::string& verb, const Pipe& in, const Pipe& out) {
  return start_program(
      {program, "credential helper " + program, Fault::usage, "install it, or take it out of docker's config.json"},
      {verb}, {in.reading.number(), out.writing.number(), -1});
}

/// It becomes the end of a file name. With a slash it would run what lies elsewhere.
void check_name(const std::string& name) {
  const bool sound = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.';
  });
  if (!sound) fail(Fault::usage, "\"", printable(name, 80), "\" is no name of a credential helper");
}

/// What a helper is allowed, checked between its words.
struct Allowance {
  const std::string& program;
  Clock::time_point end;
  const std::atomic<bool>* interrupted;

  void check() const {
    if (interrupted != nullptr && interrupted->load()) fail(Fault::interrupted, "interrupted");
    if (Clock::now() >= end) fail(Fault::local, "credential helper ", program, " does not come to an end");
  }
};

std::string read_all(int file, const Allowance& allowance) {
  std::string out;
  std::array<char, 4096> piece{};
  for (;;) {
    allowance.check();
    pollfd waiting{file, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(kSlice.count())) <= 0) continue;
    const ssize_t got = ::read(file, piece.data(), piece.size());
    if (got == 0) return out;
    if (got < 0 && errno != EINTR) {
      fail(Fault::local, "credential helper ", allowance.program, " cannot be read: ", reason_of(errno));
    }
    if (got > 0) out.append(piece.data(), static_cast<std::size_t>(got));
    if (out.size() > kMostOutputBytes) {
      fail(Fault::local, "credential helper ", allowance.program, " says more than ", kMostOutputBytes, " bytes");
    }
  }
}

}  // namespace

HelperAnswer ask_helper(const std::string& name, HelperVerb verb, const std::string& input,
                        std::chrono::milliseconds limit, const std::atomic<bool>* interrupted) {
  check_name(name);
  if (input.size() > kMostInputBytes) fail(Fault::usage, "what the credential helper is to be told is too long");
  const std::string program = "docker-credential-" + name;
  Pipe in = make_pipe();
  Pipe out = make_pipe();
  // Written before anyone reads, while we hold the other end: nothing can block here and no SIGPIPE can come.
  if (::write(in.writing.number(), input.data(), input.size()) != static_cast<ssize_t>(input.size())) {
    fail(Fault::local, "cannot write to a pipe: ", reason_of(errno));
  }
  in.writing.close();
  // Whatever is thrown from here on, it is ended and reaped.
  Child child(spawn(program, word_for(verb), in, out));
  in.reading.close();
  out.writing.close();
  const Allowance allowance{program, Clock::now() + limit, interrupted};
  std::string answer = read_all(out.reading.number(), allowance);
  for (;;) {
    if (const auto status = child.ended()) return HelperAnswer{*status, std::move(answer)};
    allowance.check();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::string complaint_of(const HelperAnswer& answer, const std::string& secret) {
  const bool has_secret = !secret.empty() && answer.out.find(secret) != std::string::npos;
  if (has_secret || answer.out.find('{') != std::string::npos) return "what it says may hold a secret and is not shown";
  return printable(answer.out.substr(0, answer.out.find('\n')), 200);
}

}  // namespace hallmark::registry
