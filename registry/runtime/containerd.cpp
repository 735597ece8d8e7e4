// SPDX-License-Identifier: Apache-2.0
#include "registry/runtime/containerd.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "registry/process/fed_program.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

/// An import of a large image is silent while it is unpacked.
constexpr std::chrono::minutes kCtrSilence{10};
constexpr std::chrono::hours kCtrLimit{24};
constexpr std::size_t kMostAsked = 100;  // blobs in one command line

/// The last line that is not empty: ctr complains there.
std::string complaint_of(const ProgramAnswer& answer) {
  std::istringstream lines(answer.err.empty() ? answer.out : answer.err);
  std::string last;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) last = line;
  }
  if (last.starts_with("ctr: ")) last.erase(0, 5);
  return last.empty() ? "status " + std::to_string(answer.status) : printable(last, 500);
}

class Containerd final : public Runtime {
 public:
  Containerd(const std::atomic<bool>* interrupted, std::string name_space)
      : interrupted_(interrupted), name_space_(std::move(name_space)) {}

  [[nodiscard]] std::string shown() const override {
    return "containerd (namespace " + printable(name_space_, 100) + ")";
  }

  [[nodiscard]] bool takes_indexes() const override { return true; }

  std::optional<std::string> found(const GivenImage& image) override {
    const std::string name = image.name.to_string();
    auto digest = listed_digest(ask({"images", "ls", "name==\"" + name + "\""}), name);
    if (!digest || !is_same(*digest, image)) return digest;
    // A name is there with an index whatever is there of it, and stays when its content is taken away.
    if (const auto missing = missing_of(image.blobs)) return *digest + " without " + missing->to_string();
    return digest;
  }

  /// A name leads to the root that was given there, index or manifest. Ids of configs are docker's.
  [[nodiscard]] bool is_same(const std::string& found, const GivenImage& image) const override {
    return found == image.root.to_string();
  }

  [[nodiscard]] std::string expected(const GivenImage& image) const override { return image.root.to_string(); }

  void load(const GivenImage& image, const WriteArchive& write) override {
    std::vector<std::string> arguments{"images", "import"};
    if (image.is_whole) arguments.emplace_back("--all-platforms");
    // Nothing to unpack for what does not run here.
    if (image.is_foreign) arguments.insert(arguments.end(), {"--platform", image.platform, "--no-unpack"});
    // Names by digest are not read from an archive, but made.
    if (!image.name.tag()) arguments.insert(arguments.end(), {"--base-name", image.name.repository(), "--digests"});
    arguments.emplace_back("-");
    const ProgramAnswer answer = run(arguments, write);
    if (answer.status != 0) fail(Fault::local, "it does not take the image: ctr says: ", complaint_of(answer));
  }

 private:
  std::string ask(const std::vector<std::string>& arguments) const {
    ProgramAnswer answer = run(arguments, [](ByteSink&) {});
    if (answer.status == 0) return std::move(answer.out);
    throw Error(Fault::unavailable, "it cannot be asked: ctr says: " + complaint_of(answer),
                "is it running, and may this user use its socket? CONTAINERD_ADDRESS names another one");
  }

  /// Asks for some at a time: a command line has its limit, and the content of a whole namespace may be large.
  std::optional<Digest> missing_of(const std::vector<Digest>& blobs) const {
    for (std::size_t at = 0; at < blobs.size(); at += kMostAsked) {
      const std::size_t end = std::min(at + kMostAsked, blobs.size());
      const std::vector<Digest> some(blobs.begin() + static_cast<std::ptrdiff_t>(at),
                                     blobs.begin() + static_cast<std::ptrdiff_t>(end));
      std::vector<std::string> arguments{"content", "ls", "--quiet"};
      for (const Digest& blob : some) arguments.push_back("digest==\"" + blob.to_string() + "\"");
      if (auto missing = first_missing(some, ask(arguments))) return missing;
    }
    return std::nullopt;
  }

  ProgramAnswer run(std::vector<std::string> arguments, const WriteArchive& write) const {
    arguments.insert(arguments.begin(), {"--namespace", name_space_});
    const ProgramTask task{
        {"ctr", "ctr", Fault::local, "install it, or extend PATH"}, std::move(arguments), kCtrSilence, kCtrLimit, true};
    return run_fed_program(task, write, interrupted_);
  }

  const std::atomic<bool>* interrupted_;
  std::string name_space_;
};

}  // namespace

std::optional<std::string> listed_digest(std::string_view listing, std::string_view name) {
  // The name is compared again: a line counts only when it is of that very name.
  std::istringstream lines{std::string(listing)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first;
    std::string type;
    std::string digest;
    if (words >> first >> type >> digest && first == name) return printable(digest, 200);
  }
  return std::nullopt;
}

std::optional<Digest> first_missing(const std::vector<Digest>& blobs, std::string_view listing) {
  std::istringstream lines{std::string(listing)};
  // Whole lines, so that no digest is found within another text.
  std::set<std::string> listed;
  for (std::string line; std::getline(lines, line);) listed.insert(std::move(line));
  for (const Digest& blob : blobs) {
    if (!listed.contains(blob.to_string())) return blob;
  }
  return std::nullopt;
}

std::unique_ptr<Runtime> open_containerd(const Settings& settings, const std::string& name_space) {
  return std::make_unique<Containerd>(settings.interrupted, name_space);
}

}  // namespace hallmark::registry
