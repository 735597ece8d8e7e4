// SPDX-License-Identifier: Apache-2.0
//
// The policy's account of decisions: a line for each in the file that it names, written and synced before anything is
// committed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "policy/gate.h"
#include "policy/report.h"

namespace hallmark::cmd {

struct Desk;

/// A decision about one name, with all that its record tells.
struct Decided {
  const policy::Plan& plan;
  const policy::Decision& decision;
  const policy::TrustAnswers& answers;
  policy::Circumstances circumstances;
};

/// For another program that has the file. Who was told to end already waits for a moment only.
enum class Waiting { until_free, a_moment };

/// Lines at the end of a file: all of them, synced, or none and Fault::local. The file is made for its owner alone when
/// there is none; a link, or anything but a file, is refused. Fault::interrupted when a signal ends the wait.
void append_lines(const std::filesystem::path& path, const std::vector<std::string>& lines, Waiting waiting);

/// Before a commit: the records say that it follows. Throws when one that the policy requires cannot be written, and
/// when the glass was broken; otherwise that is a warning. Tells of every name that needed a waiver.
void record_admissions(const Desk& desk, std::vector<Decided> admitted);

/// What is not committed. That it cannot be written is a warning.
void record_only(const Desk& desk, const std::vector<Decided>& decided);

}  // namespace hallmark::cmd
