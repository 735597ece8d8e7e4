// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/root.h"

#include <algorithm>
#include <functional>

#include "trust/error.h"
#include "trust/tuf/signatures.h"

namespace hallmark::tuf {
namespace {

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + printable(word, 80);
  return text.empty() ? "none" : text;
}

/// The grace is at the beginning only (docs/notary-v1.md, 5.1).
bool is_valid_at(const RootKeyStanding& standing, Time now, std::chrono::seconds skew) {
  return (!standing.not_before || *standing.not_before <= now + skew) &&
         (!standing.not_after || now <= *standing.not_after);
}

}  // namespace

RootFile read_root_file(const Dialect& dialect, Bytes bytes) {
  Envelope envelope = Envelope::read(dialect, "root", bytes);
  Root root = read_root(dialect, envelope.content());
  return {std::move(bytes), std::move(envelope), std::move(root)};
}

std::vector<std::string> RootRules::eligible(const RootFile& file, const std::optional<Time>& now) const {
  std::vector<std::string> ids;
  for (const std::string& id : file.signers().key_ids) {
    const RootKeyStanding standing = dialect_.root_key(file.root.keys.find(id)->second, gun_);
    // A key that may not sign here is missing from those that can meet the threshold. It does not lower the threshold.
    if (!standing.eligible) continue;
    if (now && !is_valid_at(standing, *now, dialect_.root_key_clock_skew())) continue;
    ids.push_back(id);
  }
  return ids;
}

bool RootRules::meets_threshold(const RootFile& file, const RootFile& judge,
                                const std::vector<std::string>& allowed) const {
  // Keys and threshold are those of `judge`: a new root does not say who may make it.
  return verify_role(dialect_, file.envelope, judge.root.keys, {allowed, judge.signers().threshold}).met;
}

std::optional<Refusal> RootRules::stands_alone(const RootFile& file) const {
  const std::vector<std::string> ids = eligible(file, std::nullopt);
  if (ids.empty()) {
    std::string why;
    for (const std::string& id : file.signers().key_ids) {
      const RootKeyStanding standing = dialect_.root_key(file.root.keys.find(id)->second, gun_);
      why += (why.empty() ? "" : "; ") + printable(id, 80) + " " + standing.why_not;
    }
    return Refusal{Refusal::Kind::root_cert_mismatch, "",
                   "no key of the root role may sign for " + gun_ + ": " + (why.empty() ? "there are none" : why),
                   "the trust data is that of another repository, or its root key is no usable certificate"};
  }
  // Its own keys as well: whoever hands out root keys must show that they are there.
  const ThresholdResult own = verify_role(dialect_, file.envelope, file.root.keys, {ids, file.signers().threshold});
  if (!own.met) {
    return Refusal{Refusal::Kind::bad_signature, "root",
                   "root version " + std::to_string(file.version()) + " has " + own.count,
                   "the root file was changed after it was signed; this may be an attack"};
  }
  return std::nullopt;
}

bool RootRules::is_signed_by(const RootFile& old, const RootFile& file) const {
  // Without dates, or a publisher whose certificate has ended could never rotate away from it.
  return meets_threshold(file, old, eligible(old, std::nullopt));
}

std::optional<Refusal> RootRules::is_current(const RootFile& file, Time now) const {
  // Before the end of the document. Readers of what has expired (last_good.h) go back to that end, and must not find
  // a root good whose certificates have ended today.
  if (!meets_threshold(file, file, eligible(file, now))) {
    std::string dates;
    for (const std::string& id : eligible(file, std::nullopt)) {
      const RootKeyStanding standing = dialect_.root_key(file.root.keys.find(id)->second, gun_);
      if (is_valid_at(standing, now, dialect_.root_key_clock_skew())) continue;
      dates += "; " + id + " is valid from " + (standing.not_before ? to_text(*standing.not_before) : "ever") + " to " +
               (standing.not_after ? to_text(*standing.not_after) : "ever");
    }
    return Refusal{Refusal::Kind::root_cert_expired, "",
                   "root version " + std::to_string(file.version()) + " of " + gun_ +
                       " is not signed by enough certificates that are valid at " + to_text(now) + dates,
                   "only the publisher can help, who has the root key: hallmark trust rotate root " + gun_};
  }
  if (dialect_.has_expired(file.root.common.expires, now)) {
    return Refusal{Refusal::Kind::expired, "root",
                   "root version " + std::to_string(file.version()) + " has expired at " +
                       to_text(file.root.common.expires) + ", it is now " + to_text(now),
                   "the publisher must sign the root again"};
  }
  return std::nullopt;
}

Time RootRules::certificates_end(const RootFile& file) const {
  std::vector<Time> ends;
  // A certificate for another name never counts for this root, however long it is valid.
  for (const std::string& id : eligible(file, std::nullopt)) {
    ends.push_back(dialect_.root_key(file.root.keys.find(id)->second, gun_).not_after.value_or(Time::max()));
  }
  // Sorted from the last end: while the threshold's number of them is valid, the root can be trusted.
  std::sort(ends.begin(), ends.end(), std::greater<>());
  return ends.at(static_cast<std::size_t>(file.signers().threshold) - 1);
}

std::optional<Refusal> RootRules::is_pinned(const RootFile& file, const std::vector<std::string>& pins) const {
  std::vector<std::string> allowed;
  for (const std::string& id : eligible(file, std::nullopt)) {
    // Only among the eligible: a pinned key whose certificate is for another repository does not count here.
    if (std::find(pins.begin(), pins.end(), id) != pins.end()) allowed.push_back(id);
  }
  // The pinned keys must have signed: anybody can list a pinned key beside his own.
  if (meets_threshold(file, file, allowed)) return std::nullopt;
  return Refusal{Refusal::Kind::root_not_pinned, "",
                 "root version " + std::to_string(file.version()) + " of " + gun_ + " has the root keys " +
                     listed(file.signers().key_ids) + " with threshold " + std::to_string(file.signers().threshold) +
                     "; pinned are " + listed(pins),
                 "if the publisher has announced a new root key, change the pin; otherwise this may be an attack"};
}

std::optional<Refusal> RootRules::is_for_one(const RootFile& file) const {
  std::vector<std::string> own;
  std::string names;
  for (const std::string& id : eligible(file, std::nullopt)) {
    const RootKeyStanding standing = dialect_.root_key(file.root.keys.find(id)->second, gun_);
    if (standing.is_for_several) {
      names += (names.empty() ? "\"" : ", \"") + printable(standing.names, 200) + "\"";
    } else {
      own.push_back(id);
    }
  }
  // Certificates for several may stand beside; those for this repository must meet the threshold without them.
  if (meets_threshold(file, file, own)) return std::nullopt;
  return Refusal{Refusal::Kind::root_cert_mismatch, "",
                 "root version " + std::to_string(file.version()) + " of " + gun_ +
                     " is signed by certificates for several repositories, " + names +
                     ": what was signed for another one of them would pass for this one",
                 "ask the publisher for a root certificate of this repository; where all of them may stand for each "
                 "other, say \"wildcardCertificates\": \"accept\" in the pin"};
}

}  // namespace hallmark::tuf
