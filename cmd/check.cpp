// SPDX-License-Identifier: Apache-2.0
//
// hallmark check: reads every blob of the store again and tells which are not what they are called.
#include <ostream>
#include <string>
#include <vector>

#include "cmd/command.h"
#include "cmd/environment.h"
#include "cmd/format.h"
#include "store/store.h"
#include "trust/error.h"
#include "trust/reference.h"

namespace hallmark::cmd {
namespace {

/// Counts what is read, and says so on a terminal: a large store takes minutes.
class Count {
 public:
  explicit Count(const Surroundings& surroundings) : surroundings_(surroundings) {}
  ~Count() {
    if (surroundings_.err_is_terminal) surroundings_.err << "\r\x1b[K" << std::flush;
  }
  Count(const Count&) = delete;
  Count& operator=(const Count&) = delete;

  void add(const store::Descriptor& blob) {
    if (surroundings_.interrupted) fail(Fault::interrupted, "interrupted");
    ++blobs_;
    bytes_ += blob.size;
    if (surroundings_.err_is_terminal) surroundings_.err << "\r\x1b[Kchecking " << text() << std::flush;
  }
  [[nodiscard]] std::string text() const {
    return std::to_string(blobs_) + (blobs_ == 1 ? " blob, " : " blobs, ") + exact_size(bytes_);
  }

 private:
  const Surroundings& surroundings_;
  std::size_t blobs_ = 0;
  std::uint64_t bytes_ = 0;
};

/// As lists show it; an entry without a name is called by its digest.
std::string shown(const std::string& name) {
  try {
    return Reference::parse(name).familiar();
  } catch (const Error&) {
    return printable(name, 300);
  }
}

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + shown(name);
  return list;
}

}  // namespace

Options check_options() {
  Options options("check [OPTIONS]",
                  "Re-hash every blob that the images of the local store need, and what their layers inflate to",
                  "hallmark check");
  options.operands(0, 0);
  return options;
}

int check(const Arguments& arguments, Surroundings& surroundings) {
  const store::Store store(store_directory(arguments, surroundings));
  std::string read;
  std::vector<store::Damage> damages;
  {
    Count count(surroundings);
    damages = store.check([&](const store::Descriptor& blob) { count.add(blob); },
                          [&] {
                            if (surroundings.interrupted) fail(Fault::interrupted, "interrupted");
                          });
    read = count.text();
  }
  for (const store::Damage& damage : damages) {
    surroundings.out << damage.digest.to_string() << ": " << damage.what << " (needed by " << list_of(damage.names)
                     << ")\n";
  }
  if (damages.empty()) {
    surroundings.out << "The store is whole: " << read << "\n";
    return 0;
  }
  surroundings.out << "The store is damaged: " << damages.size() << " of " << read << "\n";
  surroundings.err << "hint: bring these images in again, with hallmark pull or load: that mends them\n";
  return static_cast<int>(Fault::corrupt);
}

}  // namespace hallmark::cmd
