// SPDX-License-Identifier: Apache-2.0
//
// The policy's account of decisions: a line for each in the file that it names, written and synced before anything is
// committed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cmd/admission/terms.h"
#include "policy/gate.h"
#include "policy/judgement.h"

namespace hallmark::cmd {

/// Of names that come in together or not at all; what they point at outlives the call.
using Judgements = std::vector<const policy::Judgement*>;

/// For another program that has the file. Who was told to end already waits for a moment only.
enum class Waiting { until_free, a_moment };

/// Lines at the end of a file: all of them, synced, or none and Fault::local. The file is made for its owner alone when
/// there is none; a link, or anything but a file, is refused. Fault::interrupted when a signal ends the wait.
void append_lines(const std::filesystem::path& path, const std::vector<std::string>& lines, Waiting waiting);

/// Before a commit: the records say that it follows. Throws when one that the policy requires cannot be written, and
/// when the glass was broken; otherwise that is a warning. Tells of every name that needed a waiver.
void record_admissions(const policy::Gate& gate, const Terms& terms, const Judgements& admitted);

/// What is not committed. That it cannot be written is a warning.
void record_only(const policy::Gate& gate, const Terms& terms, const Judgements& judgements);

}  // namespace hallmark::cmd
