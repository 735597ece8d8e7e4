// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <thread>

#include "registry/process/bounded_pipe.h"
#include "registry/process/fed_program.h"
#include "registry/runtime/containerd.h"
#include "registry/runtime/docker_engine.h"
#include "tests/support/catch.h"

using namespace hallmark;

namespace {

void report(const std::string& text) {
  registry::LoadProgress progress;
  // In pieces, as a network gives them.
  for (const char c : text) progress.take(view_of(std::string_view(&c, 1)));
  progress.finish();
}

registry::ProgramTask task(const std::string& program, std::vector<std::string> arguments) {
  return {{program, program, Fault::local, "install it"},
          std::move(arguments),
          std::chrono::minutes(1),
          std::chrono::minutes(2),
          true};
}

registry::ProgramAnswer run(const std::string& script, const std::function<void(ByteSink&)>& write) {
  std::signal(SIGPIPE, SIG_IGN);  // as main does
  return registry::run_fed_program(task("sh", {"-c", script}), write, nullptr);
}

/// Takes one connection on a Unix socket, reads until `mark` or the end, and answers with that.
class OneAnswer {
 public:
  OneAnswer(std::string mark, std::string answer) : mark_(std::move(mark)), answer_(std::move(answer)) {
    std::filesystem::remove(path());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
    REQUIRE(::bind(listener_, static_cast<const sockaddr*>(static_cast<const void*>(&address)), sizeof address) == 0);
    REQUIRE(::listen(listener_, 1) == 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~OneAnswer() {
    if (thread_.joinable()) thread_.join();
    ::close(listener_);
    std::filesystem::remove(path());
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  static std::string path() {
    return (std::filesystem::temp_directory_path() / ("hallmark-engine-" + std::to_string(::getpid()))).string();
  }
  /// What it was sent, once it is over.
  const std::string& received() {
    thread_.join();
    return received_;
  }

 private:
  void serve() {
    const int connection = ::accept(listener_, nullptr, nullptr);
    std::array<char, 65536> piece{};
    while (received_.find(mark_) == std::string::npos) {
      const ssize_t count = ::read(connection, piece.data(), piece.size());
      if (count <= 0) break;
      received_.append(piece.data(), static_cast<std::size_t>(count));
    }
    if (received_.find(mark_) != std::string::npos) {
      static_cast<void>(::send(connection, answer_.data(), answer_.size(), MSG_NOSIGNAL));
    }
    ::close(connection);
  }

  std::string mark_;
  std::string answer_;
  std::string received_;
  int listener_;
  std::thread thread_;
};

std::string http_answer(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

void load_into_engine(const registry::WriteArchive& write) {
  std::signal(SIGPIPE, SIG_IGN);
  const Digest digest = Digest::of(view_of("x"));
  const registry::GivenImage image{Reference::parse("a:1"), digest, digest, digest, false, false, "linux/amd64", {}};
  registry::open_engine(registry::Settings{}, "docker", OneAnswer::path())->load(image, write);
}

void write_much(ByteSink& out) {
  const Bytes piece(1'000'000, 'x');
  for (int i = 0; i < 20; ++i) out.write(piece);
}

/// The end of a body in chunks.
const std::string kBodyEnd = "\r\n0\r\n\r\n";

}  // namespace

TEST_CASE("what answers with no JSON is no engine that can be asked, and nothing is corrupt", "[registry]") {
  const std::string body = GENERATE(as<std::string>{}, "hello", "{}", "[]", R"({"Id":1})");
  OneAnswer engine("\r\n\r\n", http_answer("200 OK", body));
  const Digest digest = Digest::of(view_of("x"));
  const registry::GivenImage image{Reference::parse("a:1"), digest, digest, digest, false, false, "linux/amd64", {}};
  const auto opened = registry::open_engine(registry::Settings{}, "docker", OneAnswer::path());
  REQUIRE_FAULT(opened->found(image), Fault::unavailable);
}

TEST_CASE("an engine gets the archive in chunks, to its end", "[registry]") {
  OneAnswer engine(kBodyEnd, http_answer("200 OK", "{\"stream\":\"Loaded\"}\n"));
  REQUIRE_NOTHROW(load_into_engine(write_much));
  REQUIRE(engine.received().size() > 20'000'000);
}

TEST_CASE("an archive that cannot be written to its end has none for the engine either", "[registry]") {
  OneAnswer engine(kBodyEnd, http_answer("200 OK", "{\"stream\":\"Loaded\"}\n"));
  REQUIRE_FAULT(load_into_engine([](ByteSink& out) { write_much(out), fail(Fault::corrupt, "damaged"); }),
                Fault::corrupt);
  const std::string& received = engine.received();
  REQUIRE(received.size() > 1'000'000);
  REQUIRE(received.find(kBodyEnd) == std::string::npos);
}

TEST_CASE("an engine that answers early, goes away, or is not there is told as that", "[registry]") {
  {
    OneAnswer engine("xxxx", http_answer("500 No", "{\"message\":\"no space\"}"));
    REQUIRE(test::message_of([] { load_into_engine(write_much); }).find("it answered 500: no space") !=
            std::string::npos);
  }
  {
    OneAnswer engine("xxxx", "");
    REQUIRE_FAULT(load_into_engine(write_much), Fault::unavailable);
  }
  REQUIRE_FAULT(load_into_engine(write_much), Fault::unavailable);
}

TEST_CASE("an engine's answer is good when no line of it has an error", "[registry]") {
  REQUIRE_NOTHROW(report("{\"stream\":\"Loaded image: a\"}\r\n"));
  REQUIRE_NOTHROW(report("{\"status\":\"x\"}\n\r\n{\"status\":\"y\"}"));
}

TEST_CASE("an engine's answer with an error, or that is none, is refused", "[registry]") {
  REQUIRE_FAULT(report("{\"status\":\"x\"}\n{\"error\":\"no \x1b[31mspace\"}\n"), Fault::local);
  REQUIRE_FAULT(report("{\"error\":\"cut"), Fault::local);
  REQUIRE_FAULT(report("<html>"), Fault::local);
  REQUIRE_FAULT(report("[]\n"), Fault::local);
  REQUIRE_FAULT(report(""), Fault::local);
  REQUIRE_FAULT(report("\r\n"), Fault::local);
  REQUIRE_FAULT(report("{\"error\":7}\n"), Fault::local);
  REQUIRE_FAULT(report(std::string(70000, ' ')), Fault::local);
  const std::string message = test::message_of([] { report("{\"error\":\"\\u001b[31m\"}\n"); });
  REQUIRE(message.find('\x1b') == std::string::npos);
}

TEST_CASE("of ctr's list the digest of the name itself is taken", "[registry]") {
  const std::string list =
      "REF TYPE DIGEST SIZE PLATFORMS LABELS\n"
      "r/a:10 application/x sha256:aa 1 KiB linux/amd64 -\n"
      "r/a:1  application/x sha256:bb 1 KiB linux/amd64 -\n";
  REQUIRE(registry::listed_digest(list, "r/a:1") == "sha256:bb");
  REQUIRE(registry::listed_digest(list, "a:1") == std::nullopt);
  REQUIRE(registry::listed_digest("", "a:1") == std::nullopt);
  REQUIRE(registry::listed_digest("r/a:1\n", "r/a:1") == std::nullopt);
}

TEST_CASE("a blob that ctr does not list as a line of its own is missing", "[registry]") {
  const Digest a = Digest::of(view_of("a"));
  const Digest b = Digest::of(view_of("b"));
  const std::string both = b.to_string() + "\n" + a.to_string() + "\n";
  REQUIRE(registry::first_missing({a, b}, both) == std::nullopt);
  REQUIRE(registry::first_missing({}, "") == std::nullopt);
  REQUIRE(registry::first_missing({a, b}, a.to_string() + "\n") == b);
  REQUIRE(registry::first_missing({a}, a.to_string() + "0\nx " + a.to_string() + "\n") == a);
  REQUIRE(registry::first_missing({a}, "") == a);
}

TEST_CASE("bytes pass a conduit whole and in their order", "[registry]") {
  registry::BoundedPipe pipe;
  Bytes sent(10'000'000);
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<std::uint8_t>(i * 7 / 3);
  std::thread writer([&] {
    for (std::size_t at = 0; at < sent.size(); at += 333'333) {
      pipe.write(ByteView(sent).subspan(at, std::min<std::size_t>(333'333, sent.size() - at)));
    }
    pipe.finish();
  });
  Bytes received;
  Bytes buffer(100'000);
  while (const std::size_t count = pipe.read(buffer)) {
    received.insert(received.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
  }
  writer.join();
  REQUIRE(received == sent);
}

TEST_CASE("a conduit that is given up has no end, and one that nobody reads takes nothing", "[registry]") {
  registry::BoundedPipe given_up;
  given_up.write(view_of("x"));
  given_up.give_up();
  Bytes buffer(10);
  REQUIRE_FAULT(given_up.read(buffer), Fault::local);
  registry::BoundedPipe unread;
  unread.stop_reading();
  REQUIRE_FAULT(unread.write(view_of("x")), Fault::local);
}

TEST_CASE("a program that talks while it reads is fed to the end", "[registry]") {
  const Bytes piece(100'000, 'x');
  const auto answer = run("tee /dev/stderr | wc -c; exit 3", [&](ByteSink& out) {
    for (int i = 0; i < 20; ++i) out.write(piece);
  });
  REQUIRE(answer.status == 3);
  REQUIRE(std::stoul(answer.out) == 2'000'000);
  REQUIRE(answer.err.size() == 8192);
}

TEST_CASE("a program that ends early tells why with its status", "[registry]") {
  const Bytes piece(1'000'000, 'x');
  const auto answer = run("echo no >&2; exit 4", [&](ByteSink& out) { out.write(piece); });
  REQUIRE(answer.status == 4);
  REQUIRE(answer.err == "no\n");
}

TEST_CASE("a program whose input is given up is killed before its input ends", "[registry]") {
  const auto mark = std::filesystem::temp_directory_path() / "hallmark-fed-program-end";
  std::filesystem::remove(mark);
  const std::string script = "cat >/dev/null; touch " + mark.string();
  REQUIRE_FAULT(run(script, [](ByteSink& out) { out.write(view_of("half")), fail(Fault::corrupt, "damaged"); }),
                Fault::corrupt);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  REQUIRE_FALSE(std::filesystem::exists(mark));
  REQUIRE(run(script, [](ByteSink& out) { out.write(view_of("whole")); }).status == 0);
  REQUIRE(std::filesystem::exists(mark));
  std::filesystem::remove(mark);
}

TEST_CASE("a program that is not there, or says too much, is this machine's fault", "[registry]") {
  const auto nothing = [](ByteSink&) {};
  REQUIRE_FAULT(registry::run_fed_program(task("no-such-program-here", {}), nothing, nullptr), Fault::local);
  REQUIRE_FAULT(run("yes", nothing), Fault::local);
  const std::atomic<bool> interrupted{true};
  REQUIRE_FAULT(registry::run_fed_program(task("cat", {}), nothing, &interrupted), Fault::interrupted);
}
