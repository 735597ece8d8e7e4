// SPDX-License-Identifier: Apache-2.0
#include "cmd/cli/plugin.h"

#include <algorithm>
#include <array>

#include "cmd/cli/command.h"
#include "cmd/cli/options.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

constexpr std::string_view kPluginProgram = "docker-hallmark";
constexpr std::string_view kPluginName = "hallmark";

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

struct DockerOption {
  std::string_view name;
  char letter;  ///< 0: none
  bool takes_value;
  std::string_view refusal;  ///< what to do instead; empty: it is taken
};

constexpr std::string_view kHost =
    "leave it out: images come into the store of hallmark; DOCKER_HOST=unix:///PATH names the docker that --to docker "
    "gives them to";
constexpr std::string_view kContext =
    "leave it out: images come into the store of hallmark; DOCKER_CONTEXT names the docker that --to docker gives them "
    "to";
constexpr std::string_view kTls =
    "leave it out: it is about docker's engine, which hallmark asks over its Unix socket alone; for registries there "
    "are CAs in docker's certs.d";

/// docker's global options but those for help and the version, which this program has itself. One that was missing here
/// would be taken for an option of this program.
constexpr std::array kDockerOptions{
    DockerOption{"config", 0, true, ""},      DockerOption{"context", 'c', true, kContext},
    DockerOption{"debug", 'D', false, ""},    DockerOption{"host", 'H', true, kHost},
    DockerOption{"log-level", 'l', true, ""}, DockerOption{"tls", 0, false, kTls},
    DockerOption{"tlscacert", 0, true, kTls}, DockerOption{"tlscert", 0, true, kTls},
    DockerOption{"tlskey", 0, true, kTls},    DockerOption{"tlsverify", 0, false, kTls}};

/// What stands before the name of the plugin, as docker reads it.
class DockerOptions {
 public:
  /// Reads options from the front; stops at the first word that is none of docker's.
  explicit DockerOptions(const std::vector<std::string>& words) : words_(words) {
    while (count_ < words.size() && (take_long(words[count_]) || take_letters(words[count_]))) ++count_;
  }
  [[nodiscard]] std::size_t count() const { return std::min(count_, words_.size()); }
  [[nodiscard]] const std::optional<std::string>& config() const { return config_; }
  void require_harmless() const {
    if (refused_ == nullptr) return;
    throw Error(Fault::usage, "docker's own option --" + std::string(refused_->name) + " means nothing to hallmark",
                std::string(refused_->refusal));
  }

 private:
  bool take_long(std::string_view word) {
    if (!word.starts_with("--")) return false;
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(2, equals == std::string_view::npos ? equals : equals - 2);
    const auto* option =
        std::find_if(kDockerOptions.begin(), kDockerOptions.end(), [&](const auto& one) { return one.name == name; });
    if (option == kDockerOptions.end()) return false;
    if (equals != std::string_view::npos) {
      take(*option, std::string(word.substr(equals + 1)));
    } else {
      take(*option, option->takes_value ? next() : "");
    }
    return true;
  }

  /// "-D", "-l info", "-linfo", "-Dl=info".
  bool take_letters(std::string_view word) {
    if (word.size() < 2 || word[0] != '-') return false;
    for (std::size_t i = 1; i < word.size(); ++i) {
      const auto* option = std::find_if(kDockerOptions.begin(), kDockerOptions.end(),
                                        [&](const auto& one) { return one.letter != 0 && one.letter == word[i]; });
      if (option == kDockerOptions.end()) return false;
      const std::string rest(word.substr(i + 1));
      if (option->takes_value) {
        take(*option, rest.empty() ? next() : rest);
        return true;
      }
      take(*option, "");
      if (rest.starts_with('=')) return true;
    }
    return true;
  }

  std::string next() { return ++count_ < words_.size() ? words_[count_] : std::string(); }

  void take(const DockerOption& option, std::string value) {
    // "--tls=false" asks for nothing.
    const bool is_off = !option.takes_value && truth_of(value) == false;
    // To pass an engine over in silence would bring the image to another machine's docker than was meant.
    if (!option.refusal.empty() && !is_off && refused_ == nullptr) refused_ = &option;
    if (option.name == "config") config_ = std::move(value);
  }

  const std::vector<std::string>& words_;
  std::size_t count_ = 0;
  std::optional<std::string> config_;
  const DockerOption* refused_ = nullptr;
};

}  // namespace

CommandLine command_line_of(std::vector<std::string> arguments) {
  const bool is_plugin = !arguments.empty() && file_name(arguments.front()) == kPluginProgram;
  if (!arguments.empty()) arguments.erase(arguments.begin());
  const DockerOptions options(arguments);
  // Before anything else: not even help is given for a command line that means something else.
  options.require_harmless();
  std::size_t at = options.count();
  // "docker hallmark pull", "docker help hallmark", and "__complete hallmark pull", by which shells ask.
  if (at < arguments.size() && (arguments[at] == kCompleteCommand || arguments[at] == "help")) ++at;
  // Whoever calls the plugin's program himself is not docker.
  const bool is_called_by_docker = is_plugin && at < arguments.size() && arguments[at] == kPluginName;
  CommandLine line{{}, options.config()};
  for (std::size_t i = options.count(); i < arguments.size(); ++i) {
    if (i != at || !is_called_by_docker) line.words.push_back(std::move(arguments[i]));
  }
  return line;
}

std::string plugin_metadata() {
  json::Writer writer(2);
  writer.begin_object()
      .member("SchemaVersion", "0.1.0")
      .member("Vendor", "hallmark")
      .member("Version", HALLMARK_VERSION)
      .member("ShortDescription", "Content trust for container images")
      .end_object();
  return writer.text();
}

}  // namespace hallmark::cmd
