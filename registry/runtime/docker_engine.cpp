// SPDX-License-Identifier: Apache-2.0
#include "registry/runtime/docker_engine.h"

#include <exception>
#include <filesystem>
#include <thread>

#include "registry/http/certificates.h"
#include "registry/http/collector.h"
#include "registry/http/http.h"
#include "registry/process/bounded_pipe.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::registry {
namespace {

constexpr std::uint64_t kMostAnswerBytes = std::uint64_t{8} << 20U;
constexpr std::uint64_t kMostProgressBytes = std::uint64_t{64} << 20U;
constexpr std::size_t kMostLineBytes = std::size_t{64} << 10U;
/// A layer with many files may take an engine this long without a word.
constexpr std::chrono::seconds kStall{600};
constexpr const char* kItsOwnLog = "its own log may say more; once it takes images, the same command gives it this one";
constexpr int kOk = 200;
constexpr int kNotFound = 404;

/// {"message": "..."}, else the text itself.
std::string message_of(ByteView body) {
  try {
    const json::Value value = json::parse("", body);
    if (const json::Value* message = value.object().find("message")) return printable(message->string(), 500);
  } catch (const Error&) {
    // not in that form: told as it came
  }
  return printable(text_of(body), 300);
}

/// Fault::unavailable for what is none: Fault::corrupt is for images.
std::string id_of(ByteView answer) {
  try {
    return json::parse("its answer", answer).object().at("Id").string();
  } catch (const Error& error) {
    throw Error(Fault::unavailable, std::string("its answer is not understood: ") + error.what(),
                "is it an engine that listens there?");
  }
}

/// Either the progress of a load, or what went wrong before it.
class LoadReceiver final : public Receiver {
 public:
  bool begin(const Head& head) override {
    is_ok_ = head.status == kOk;
    return true;
  }
  bool body(ByteView piece) override {
    if (is_ok_) {
      progress.take(piece);
    } else if (trouble.size() < kMostLineBytes) {
      // The rest is taken and dropped: an answer counts when it came to its end.
      trouble.insert(trouble.end(), piece.begin(), piece.end());
    }
    return true;
  }

  LoadProgress progress;
  Bytes trouble;

 private:
  bool is_ok_ = false;
};

class Engine final : public Runtime {
 public:
  Engine(const Settings& settings, std::string what, std::string socket)
      : what_(std::move(what)),
        socket_(std::move(socket)),
        certificates_({}, "", {}),
        http_(settings, certificates_, settings.timing.connect) {}

  [[nodiscard]] std::string shown() const override { return what_ + " at " + printable(socket_, 200); }

  [[nodiscard]] bool takes_indexes() const override { return false; }

  std::optional<std::string> found(const GivenImage& image) override {
    // An engine has no name with a digest for what came in an archive.
    const std::string name = image.name.tag() ? image.name.to_string() : image.config.to_string();
    Request request{url("/images/" + percent_encoded(name, "/:@") + "/json"), Request::Kind::document};
    request.socket = socket_;
    Collector answer(kMostAnswerBytes);
    const Exchange exchange = http_.perform(request, answer);
    if (answer.too_large()) fail(Fault::local, "it answers with more than ", kMostAnswerBytes, " bytes");
    require_answer(exchange);
    if (exchange.status() == kNotFound) return std::nullopt;
    if (exchange.status() != kOk) fail_with(exchange.status(), answer.bytes());
    std::string id = id_of(answer.bytes());
    // podman leaves the algorithm out
    return id.find(':') == std::string::npos ? "sha256:" + id : id;
  }

  /// The id of an image is that of its config, or, where the engine keeps images in containerd, of what the name is.
  [[nodiscard]] bool is_same(const std::string& found, const GivenImage& image) const override {
    return found == image.config.to_string() || found == image.manifest.to_string() || found == image.root.to_string();
  }

  [[nodiscard]] std::string expected(const GivenImage& image) const override {
    return image.config.to_string() + " (or its manifest " + image.manifest.to_string() + ")";
  }

  void load(const GivenImage& /*image*/, const WriteArchive& write) override {
    BoundedPipe pipe;
    std::exception_ptr failure;
    // The archive is pushed and the library pulls: each has a loop of its own, and so a thread.
    std::thread writer([&] {
      try {
        write(pipe);
        pipe.finish();
      } catch (...) {
        failure = std::current_exception();
        pipe.give_up();
      }
    });
    std::exception_ptr trouble;
    bool is_given_up = false;
    try {
      send(pipe, is_given_up);
    } catch (...) {
      trouble = std::current_exception();
    }
    // A writer that waits for room would wait for ever.
    pipe.stop_reading();
    writer.join();
    // Why it could not be written says more than that it was given up.
    if (is_given_up && failure) std::rethrow_exception(failure);
    if (trouble) std::rethrow_exception(trouble);
    // 200 for a part of an image is no success.
    if (failure) fail(Fault::local, "it answered before it had the whole image");
  }

 private:
  [[nodiscard]] static Url url(const std::string& target) { return Url::parse("http://localhost" + target); }

  void send(BoundedPipe& pipe, bool& is_given_up) {
    Request request{url("/images/load?quiet=0"), Request::Kind::blob, {"Content-Type: application/x-tar"}};
    request.method = Method::post;
    request.socket = socket_;
    request.stream = [&](std::span<std::uint8_t> buffer) {
      // It stays so when read() throws: then the archive ended, and not the engine.
      is_given_up = true;
      const std::size_t count = pipe.read(buffer);
      is_given_up = false;
      return count;
    };
    LoadReceiver receiver;
    const Exchange exchange = http_.perform(request, receiver);
    require_answer(exchange);
    if (exchange.status() != kOk) fail_with(exchange.status(), receiver.trouble);
    // 200 comes before the work is done. What became of it stands in the lines.
    receiver.progress.finish();
  }

  void require_answer(const Exchange& exchange) const {
    if (exchange.is_answered()) return;
    const std::string why = exchange.detail().empty() ? "" : ": " + exchange.detail();
    std::error_code unknown;  // what cannot be looked at is told by what the connection met
    if (std::filesystem::exists(socket_, unknown) && !std::filesystem::is_socket(socket_, unknown)) {
      throw Error(Fault::unavailable, "expected a socket, found something else there", other_place());
    }
    if (exchange.error() == TransportError::no_connection) {
      throw Error(Fault::unavailable, "it cannot be reached" + why,
                  what_ == "docker" ? "is it running, and may this user use its socket? " + other_place()
                                    : "start its socket (systemctl start podman.socket); " + other_place());
    }
    fail(Fault::unavailable, "it did not answer to the end", why);
  }

  [[nodiscard]] std::string other_place() const {
    return (what_ == "docker" ? "DOCKER_HOST or DOCKER_CONTEXT" : "CONTAINER_HOST") + std::string(" names another one");
  }

  [[noreturn]] void fail_with(int status, ByteView body) const {
    throw Error(Fault::local, "it answered " + std::to_string(status) + ": " + message_of(body), kItsOwnLog);
  }

  std::string what_;
  std::string socket_;
  Certificates certificates_;
  Http http_;
};

}  // namespace

void LoadProgress::take(ByteView piece) {
  bytes_ += piece.size();
  if (bytes_ > kMostProgressBytes) fail(Fault::local, "it says more than ", kMostProgressBytes, " bytes");
  for (const char c : text_of(piece)) {
    if (c == '\n') {
      take_line();
    } else {
      line_ += c;
      if (line_.size() > kMostLineBytes) fail(Fault::local, "it says a line of more than ", kMostLineBytes, " bytes");
    }
  }
}

void LoadProgress::take_line() {
  const std::string line = std::exchange(line_, {});
  if (line.find_first_not_of(" \t\r") == std::string::npos) return;
  ++lines_;
  try {
    const json::Value value = json::parse("its answer", view_of(line));
    const json::Value* error = value.object().find("error");
    if (error == nullptr) return;
    throw Error(Fault::local, "it does not take the image: " + printable(error->string(), 500), kItsOwnLog);
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    fail(Fault::local, "its answer is not understood: ", printable(line, 200));
  }
}

void LoadProgress::finish() {
  take_line();
  if (lines_ == 0) fail(Fault::local, "it did not say what it loaded");
}

std::unique_ptr<Runtime> open_engine(const Settings& settings, const std::string& what, const std::string& socket) {
  Settings patient = settings;
  patient.timing.first_byte = kStall;
  patient.timing.stall = kStall;
  return std::make_unique<Engine>(patient, what, socket);
}

}  // namespace hallmark::registry
