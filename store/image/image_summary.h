// SPDX-License-Identifier: Apache-2.0
//
// What a commit writes beside a name, so that lists need not read the documents of a thousand images again, and know
// why each was let in. The words are annotations of the entry in index.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trust/digest.h"
#include "trust/subject.h"
#include "trust/time.h"

namespace hallmark::store {

/// Of the first manifest of an entry.
struct ImageSummary {
  Digest id;  ///< of the config
  std::optional<Time> created;
  std::vector<std::uint64_t> layer_sizes;  ///< uncompressed, bottom first
};

/// One line, with blanks between the words.
std::string image_summary_text(const ImageSummary& summary);
/// Absent when it is not what image_summary_text() writes: then nothing was noted.
std::optional<ImageSummary> parse_image_summary(std::string_view text);

/// Three lines: when, by whom, by which rule.
std::string admission_reason_text(const AdmissionReason& admission_reason);
/// Absent when it is not what admission_reason_text() writes: then nothing is told.
std::optional<AdmissionReason> parse_admission_reason(std::string_view text);

}  // namespace hallmark::store
