// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/decision_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <sstream>
#include <system_error>
#include <thread>

#include "policy/record.h"
#include "policy/report.h"
#include "store/disk/file.h"
#include "store/disk/file_descriptor.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kOwnerOnly = 0600;

[[noreturn]] void fail_system(const char* what, const fs::path& path, int error) {
  fail(Fault::local, what, " ", printable(path.string(), 300), ": ", std::generic_category().message(error));
}

int open_to_append(const fs::path& path, bool& is_new) {
  // A link could lead the records into another file, and a pipe without a reader would hold every decision up.
  constexpr int kFlags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  is_new = false;
  // Opened before it is made, so that it is known whether the folder has to be synced as well.
  int number = open(path.c_str(), kFlags);
  if (number < 0 && errno == ENOENT) {
    number = open(path.c_str(), kFlags | O_CREAT, kOwnerOnly);
    is_new = true;
  }
  if (number < 0) fail_system("open", path, errno);
  return number;
}

/// Whether an earlier writer was cut off in the middle of a line.
bool ends_in_a_line(int file, off_t size) {
  char last = '\n';
  return size == 0 || (pread(file, &last, 1, size - 1) == 1 && last == '\n');
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  // A record that a crash takes back would be an admission without a trace.
  return fsync(file) == 0;
}

/// Fault::interrupted when a signal handler ran meanwhile: it lets calls be broken off so that a wait ends.
void lock(const store::FileDescriptor& file, const fs::path& path, Waiting waiting) {
  // Two seconds in all: who was told to end has somebody who waits for that.
  constexpr int kTries = 20;
  constexpr std::chrono::milliseconds kPause{100};
  const int how = waiting == Waiting::a_moment ? LOCK_EX | LOCK_NB : LOCK_EX;
  for (int tries = 1; flock(file.number(), how) != 0; ++tries) {
    if (errno == EINTR) fail(Fault::interrupted, "interrupted while waiting for ", printable(path.string(), 300));
    if (errno != EWOULDBLOCK || tries == kTries) fail_system("lock", path, errno);
    std::this_thread::sleep_for(kPause);
  }
}

/// The files that the policy names for one decision.
std::vector<fs::path> files_for(const policy::Policy& policy, const policy::Decision& decision) {
  std::vector<fs::path> files;
  if (policy.audit().file) files.emplace_back(*policy.audit().file);
  const auto& other = policy.break_glass().audit;
  // A broken glass is told in its own file besides, and once where both are one.
  if (decision.break_glass && other && other != policy.audit().file) files.emplace_back(*other);
  return files;
}

/// Returns what could not be written.
std::vector<std::string> write_records(const policy::Gate& gate, const Terms& terms, const Judgements& judgements,
                                       std::string (*record)(const policy::Gate&, const policy::Judgement&)) {
  std::map<fs::path, std::vector<std::string>> lines;
  for (const policy::Judgement* judgement : judgements) {
    const std::string line = record(gate, *judgement);
    for (const fs::path& file : files_for(*gate.policy(), judgement->decision)) lines[file].push_back(line);
  }
  std::vector<std::string> faults;
  for (const auto& [file, records] : lines) {
    try {
      append_lines(file, records, terms.interrupted ? Waiting::a_moment : Waiting::until_free);
    } catch (const Error& error) {
      // The others are still written: one full disk must not silence the second file.
      if (error.fault() == Fault::interrupted) throw;
      faults.emplace_back(error.what());
    }
  }
  return faults;
}

void warn(const Terms& terms, const std::vector<std::string>& faults) {
  for (const std::string& fault : faults) terms.notice("warning: the decision was not recorded: " + fault);
}

void tell_waivers(const policy::Gate& gate, const Terms& terms, const Judgements& judgements) {
  for (const policy::Judgement* judgement : judgements) {
    const std::string waivers = policy::waivers(gate, judgement->decision);
    if (waivers.empty()) continue;
    std::istringstream lines("warning: " + judgement->plan.name().familiar() + ":\n" + waivers);
    for (std::string line; std::getline(lines, line);) terms.notice(line);
  }
}

}  // namespace

void append_lines(const fs::path& path, const std::vector<std::string>& lines, Waiting waiting) {
  bool is_new = false;
  const store::FileDescriptor file(open_to_append(path, is_new));
  struct stat status {};
  if (fstat(file.number(), &status) != 0) fail_system("look at", path, errno);
  if (!S_ISREG(status.st_mode)) fail(Fault::local, printable(path.string(), 300), ": expected a regular file");
  // Without the lock the mend below could cut off what another run has written meanwhile.
  lock(file, path, waiting);
  // Whoever had the lock has made it longer.
  if (fstat(file.number(), &status) != 0) fail_system("look at", path, errno);
  // What an earlier crash cut off is ended first, or this record would be read as its rest.
  std::string text = ends_in_a_line(file.number(), status.st_size) ? "" : "\n";
  for (const std::string& line : lines) text += line + "\n";
  if (!write_all(file.number(), text)) {
    const int error = errno;
    // Half a record would be taken for one that was changed.
    if (ftruncate(file.number(), status.st_size) != 0) fail_system("mend", path, errno);
    fail_system("write", path, error);
  }
  // The name of a new file must survive a crash like its bytes.
  if (is_new) store::sync_directory(path.parent_path());
}

void record_admissions(const policy::Gate& gate, const Terms& terms, const Judgements& admitted) {
  // Only a policy names files for records.
  if (!gate.policy()) return;
  const bool is_glass_broken = std::any_of(admitted.begin(), admitted.end(), [](const policy::Judgement* judgement) {
    return judgement->decision.break_glass.has_value();
  });
  const std::vector<std::string> faults = write_records(gate, terms, admitted, &policy::record_ahead);
  // For a broken glass nobody vouches but the record, so that it counts as required.
  if (!faults.empty() && (gate.policy()->audit().is_required || is_glass_broken)) {
    throw Error(Fault::local, "the decision cannot be recorded, so nothing is stored: " + faults.front(),
                "make the file of the policy's \"audit\" writable for this user");
  }
  warn(terms, faults);
  tell_waivers(gate, terms, admitted);
}

void record_only(const policy::Gate& gate, const Terms& terms, const Judgements& judgements) {
  if (!gate.policy()) return;
  warn(terms, write_records(gate, terms, judgements, &policy::record));
  tell_waivers(gate, terms, judgements);
}

}  // namespace hallmark::cmd
