// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/last_good.h"

#include <algorithm>

#include "trust/error.h"
#include "trust/tuf/metadata.h"
#include "trust/tuf/notary.h"
#include "trust/tuf/root.h"

namespace hallmark::tuf {
namespace {

/// Every file is fetched once: all readings are of the same files.
class Recorded final : public MetadataSource {
 public:
  Recorded(MetadataSource& source, const TrustedMetadata& memory) : source_(source), newest_(memory.files) {}

  MetadataReply fetch(const MetadataFile& wanted) override {
    if (const auto known = replies_.find(wanted.file); known != replies_.end()) return known->second;
    MetadataReply reply = source_.fetch(wanted);
    // Roots on the way have ends as well, but only the newest one must be good.
    const bool is_newest = wanted.role != "root" || wanted.file == notary().file_name("root");
    if (is_newest && reply.kind == MetadataReply::Kind::found) newest_.insert_or_assign(wanted.role, reply.bytes);
    return replies_.emplace(wanted.file, std::move(reply)).first->second;
  }

  /// Absent for a role that was not read, or has no end that can be read.
  [[nodiscard]] std::optional<Time> end_of(const std::string& role) const {
    const auto file = newest_.find(role);
    if (file == newest_.end()) return std::nullopt;
    try {
      // Not verified: the end says only for which time to read again, and that reading verifies everything.
      const auto envelope = Envelope::read(notary(), role, file->second);
      return notary().parse_expiry(envelope.content().at("expires").string());
    } catch (const Error& error) {
      if (error.fault() != Fault::corrupt) throw;
      return std::nullopt;
    }
  }

  /// Of the newest root.
  [[nodiscard]] std::optional<Time> end_of_certificates(const std::string& gun) const {
    const auto file = newest_.find("root");
    if (file == newest_.end()) return std::nullopt;
    // Its certificates have been looked at already, so it can be read.
    return RootRules(notary(), gun).certificates_end(read_root_file(notary(), file->second));
  }

 private:
  MetadataSource& source_;
  std::map<std::string, Bytes> newest_;  // by role
  std::map<std::string, MetadataReply> replies_;
};

/// The end of the role, or of the root's certificates, because of which there is no repository.
std::optional<Time> end_of_refused(const Outcome& outcome, const Recorded& recorded, const std::string& gun,
                                   EndedCertificates certificates) {
  const auto* refusal = std::get_if<Refusal>(&outcome.result);
  if (refusal == nullptr) return std::nullopt;
  if (refusal->kind == Refusal::Kind::expired) return recorded.end_of(refusal->about);
  const bool is_read = certificates == EndedCertificates::read && refusal->kind == Refusal::Kind::root_cert_expired;
  return is_read ? recorded.end_of_certificates(gun) : std::nullopt;
}

/// The latest end before `at` of the delegations that were passed over.
std::optional<Time> end_of_passed_over(const Outcome& outcome, const Recorded& recorded, Time at) {
  std::optional<Time> latest;
  const auto& repository = std::get<Repository>(outcome.result);
  for (const auto& delegation : repository.delegations()) {
    if (repository.roles().contains(delegation.first)) continue;
    const auto end = recorded.end_of(delegation.first);
    if (end && *end < at && (!latest || *latest < *end)) latest = end;
  }
  return latest;
}

}  // namespace

Outcome update_at_last_good(const Question& question, const TrustedMetadata& memory, MetadataSource& source, Time now,
                            EndedCertificates certificates) {
  Recorded recorded(source, memory);
  Time at = now;
  const auto update_at = [&](Time time) { return update(notary(), question, memory, recorded, time); };
  // The first reading is of today: what is refused for another reason than an end stays refused.
  Outcome outcome = update_at(at);
  // Each round is at an earlier end, at which the same file is good: there are at most as many rounds as roles.
  const auto end_of_this = [&] { return end_of_refused(outcome, recorded, question.gun, certificates); };
  for (auto end = end_of_this(); end && *end < at; end = end_of_this()) {
    at = *end;
    outcome = update_at(at);
  }
  if (!std::holds_alternative<Repository>(outcome.result)) return outcome;
  // An end that a badly signed file claims is tried, too; the reading at that time passes over it again.
  while (const auto end = end_of_passed_over(outcome, recorded, at)) {
    Outcome earlier = update_at(*end);
    // Before the root was made there is nothing to be read; then the delegation stays passed over.
    if (!std::holds_alternative<Repository>(earlier.result)) break;
    at = *end;
    outcome = std::move(earlier);
  }
  return outcome;
}

}  // namespace hallmark::tuf
