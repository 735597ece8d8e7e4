// SPDX-License-Identifier: Apache-2.0
//
// hallmark check: reads every blob of the store again and tells which are not what they are called.
#include <ostream>
#include <string>
#include <vector>

#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/output/format.h"
#include "store/store.h"
#include "trust/error.h"
#include "trust/json.h"
#include "trust/reference.h"

namespace hallmark::cmd {
namespace {

/// Counts what is read, and says so on a terminal: a large store takes minutes.
class Count {
 public:
  explicit Count(const Environment& environment) : environment_(environment) {}
  ~Count() { clear(); }
  /// Of the terminal.
  void clear() const {
    if (environment_.err_is_terminal) environment_.err << "\r\x1b[K" << std::flush;
  }
  Count(const Count&) = delete;
  Count& operator=(const Count&) = delete;

  void add(const store::Descriptor& blob) {
    // Nothing is half done: a check changes no blob.
    if (environment_.interrupted) fail(Fault::interrupted, "interrupted");
    ++blobs_;
    bytes_ += blob.size;
    // One line that is drawn anew. In a log each would be a line of its own.
    if (environment_.err_is_terminal) environment_.err << "\r\x1b[Kchecking " << text() << std::flush;
  }
  [[nodiscard]] std::size_t blobs() const { return blobs_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::string text() const {
    return std::to_string(blobs_) + (blobs_ == 1 ? " blob, " : " blobs, ") + exact_size(bytes_);
  }

 private:
  const Environment& environment_;
  std::size_t blobs_ = 0;
  std::uint64_t bytes_ = 0;
};

/// In bytes, of a name that is shown.
constexpr std::size_t kLongestName = 300;

/// As lists show it; an entry without a name is called by its digest.
// The index may have been written by another program: what is no reference is shown, with its control characters
// escaped.
std::string shown(const std::string& name) {
  try {
    return Reference::parse(name).familiar();
  } catch (const Error&) {
    return printable(name, kLongestName);
  }
}

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + shown(name);
  return list;
}

std::string json_of(const Count& count, const std::vector<store::DamagedBlob>& damages) {
  json::Writer writer(0);
  writer.begin_object().key("Blobs").size(count.blobs()).key("Size").size(count.bytes()).key("Damaged").begin_array();
  for (const store::DamagedBlob& damage : damages) {
    writer.begin_object().member("Digest", damage.digest.to_string()).member("What", damage.what);
    writer.key("NeededBy").begin_array();
    // In full, as the store has them: a machine compares them with other names.
    for (const std::string& name : damage.names) writer.string(printable(name, kLongestName));
    writer.end_array().end_object();
  }
  return writer.end_array().end_object().text();
}

void print(const Count& count, const std::vector<store::DamagedBlob>& damages, std::ostream& out) {
  for (const store::DamagedBlob& damage : damages) {
    out << damage.digest.to_string() << ": " << damage.what << " (needed by " << list_of(damage.names) << ")\n";
  }
  if (damages.empty()) {
    out << "The store is whole: " << count.text() << "\n";
  } else {
    out << "The store is damaged: " << damages.size() << " of " << count.text() << "\n";
  }
}

}  // namespace

Options check_options() {
  Options options("check [OPTIONS]",
                  "Re-hash every blob that the images of the local store need, and what their layers inflate to",
                  "hallmark check");
  options.flag("json", "Print one JSON object: what was read, and each blob that is damaged").operands(0, 0);
  return options;
}

int check(const Arguments& arguments, Environment& environment) {
  const store::Store store(store_directory(arguments, environment));
  Count count(environment);
  // A large blob has many steps: an interruption does not wait for its end.
  const std::vector<store::DamagedBlob> damages = store.check([&](const store::Descriptor& blob) { count.add(blob); },
                                                              [&] {
                                                                if (environment.interrupted) {
                                                                  fail(Fault::interrupted, "interrupted");
                                                                }
                                                              });
  count.clear();
  if (arguments.truth("json", false)) {
    environment.out << json_of(count, damages) << "\n";
  } else {
    print(count, damages, environment.out);
  }
  if (damages.empty()) return 0;
  environment.err << "hint: bring these images in again, with hallmark pull or load: that mends them\n";
  // No error line: what is damaged was told on standard output, which is the result.
  return static_cast<int>(Fault::corrupt);
}

}  // namespace hallmark::cmd
