// SPDX-License-Identifier: Apache-2.0
#include "policy/bundle_time.h"

#include <algorithm>
#include <array>

#include "policy/codes.h"
#include "trust/bundle_statement.h"
#include "trust/crypto/dsse_signature.h"

namespace hallmark::policy {
namespace {

/// What a person compares. Decisions take whole ids.
constexpr std::size_t kShortId = 12;

/// Why a key does not count, or nothing. Its own word about the time is not taken: who stole it would put it back.
std::string fault_of(const SigningKey& key, std::optional<Time> packed, Time now) {
  const std::string name = "key " + key.id.substr(0, kShortId) + " of store \"" + key.store + "\" ";
  // Whatever its times say: it ends at once (docs/policy.md, Stores).
  if (key.is_distrusted) return name + "is distrusted" + (key.reason.empty() ? "" : ": " + printable(key.reason, 200));
  if (key.not_after && now >= *key.not_after) return name + "counts until " + to_text(*key.not_after);
  // With both: a key that is not in force yet packs nothing, and admits nothing either.
  const Time earliest = packed ? std::min(*packed, now) : now;
  if (key.not_before && earliest < *key.not_before) return name + "counts from " + to_text(*key.not_before);
  return {};
}

/// What the envelope claims, for people. Nobody has proven it.
std::string named_ids(const dsse::Envelope& statement) {
  std::string text;
  for (const dsse::Signature& signature : statement.signatures) {
    text += (text.empty() ? "" : ", ") + printable(signature.key_id, kShortId);
  }
  return text;
}

}  // namespace

std::optional<Finding> find_clock(const std::optional<Policy>& policy, const std::optional<Time>& latest,
                                  const std::string& place, Time now) {
  // Without a policy as well: what this machine remembers does not depend on the file that is in force.
  const bool is_told = policy && policy->freshness();
  const std::chrono::seconds skew = is_told ? policy->freshness()->clock_skew : Freshness::kUsualSkew;
  // The time that was certain may have come from another machine, whose clock is a little ahead.
  if (!latest || now >= *latest - skew) return std::nullopt;
  Finding finding;
  finding.pointer = "/freshness";
  finding.type = "freshness";
  finding.code = "CLOCK";
  finding.hint = hint_of(finding.code);
  finding.detail = "the clock says " + to_text(now) + ", but it was " + to_text(*latest) +
                   " already when something was admitted here";
  if (!place.empty()) finding.detail += ", as " + printable(place, 300) + " remembers";
  return finding;
}

std::string in_words(std::chrono::microseconds span) {
  struct Unit {
    std::int64_t seconds;
    std::string_view name;
  };
  constexpr std::array kUnits{Unit{86400, "day"}, Unit{3600, "hour"}, Unit{60, "minute"}, Unit{1, "second"}};
  const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(span).count();
  const auto* unit = std::find_if(kUnits.begin(), kUnits.end() - 1,
                                  [seconds](const Unit& candidate) { return seconds >= candidate.seconds; });
  const std::int64_t count = seconds / unit->seconds;
  return std::to_string(count) + " " + std::string(unit->name) + (count == 1 ? "" : "s");
}

void BundleTime::find(Result result, std::string_view code, std::string detail) {
  Finding finding;
  finding.pointer = "/freshness";
  finding.type = "freshness";
  finding.result = result;
  finding.detail = std::move(detail);
  if (!code.empty()) {
    finding.code = code;
    finding.hint = hint_of(code);
  }
  findings_.push_back(std::move(finding));
}

std::optional<std::string> BundleTime::believed_signer(const Policy& policy, const dsse::Envelope& statement) {
  std::optional<Time> packed;
  std::string first;
  std::string fault;
  // The keys of the policy are tried, not the ids of the envelope: those are nobody's word.
  for (const std::string& store : policy.freshness()->signers) {
    const SigningKey& key = policy.keys().at(store);
    if (!crypto::is_signed_by(statement, key.key)) continue;
    // Read behind a good signature alone: a payload that nobody signed is not worth an error.
    packed = packing_time(statement);
    // A key that does not count spoils nothing beside one that does. Alone it tells why.
    if (const std::string why = fault_of(key, packed, now_); !why.empty()) {
      fault = why;
      continue;
    }
    signers_.push_back(key.id);
  }
  if (signers_.empty()) {
    // Told apart from a strange key, since something else has to be done about it.
    if (!fault.empty()) {
      find(Result::fail, "BUNDLE_KEY_NOT_VALID", fault);
    } else {
      find(Result::fail, "BUNDLE_OTHER_SIGNER",
           "the statement has no good signature of a key that \"bundleSigners\" names; it says that it is signed by " +
               named_ids(statement));
    }
    return std::nullopt;
  }
  // There is one payload, so all of its signers say the same time.
  packed_ = packed;
  return "key " + signers_.front().substr(0, kShortId);
}

void BundleTime::judge_statement(const Policy& policy, const std::optional<dsse::Envelope>& statement) {
  if (!statement || statement->signatures.empty()) {
    return find(
        Result::fail, "BUNDLE_UNSIGNED",
        statement ? "nobody signed the bundle's statement" : "the archive has no statement that could be signed");
  }
  const std::optional<std::string> signer = believed_signer(policy, *statement);
  if (!signer) return;
  // A signature is asked for because of its time: without one the bundle has no age, in strict mode as well.
  if (!packed_) return find(Result::fail, "BUNDLE_UNDATED", "the statement does not say when it was packed");
  // Of the payload alone: the same bundle with one more signature is the same bundle.
  statement_ = Digest::of(statement->payload);
  judge_age(*policy.freshness(), *signer);
}

void BundleTime::judge_age(const Freshness& freshness, const std::string& signer) {
  const Time packed = *packed_;
  const std::string when = "packed at " + to_text(packed) + " by " + signer;
  const auto fails = [&](std::string_view code, const std::string& why) {
    find(Result::fail, code, when + ", " + why);
    packed_.reset();  // a time that is not believed counts for nothing
  };
  // Dated ahead it would outlive its age, and carry the memory of time ahead with it.
  if (packed > now_ + freshness.clock_skew) return fails("BUNDLE_FUTURE", "but it is " + to_text(now_) + " only");
  const auto age = now_ - packed;
  if (freshness.most_age && age > *freshness.most_age) {
    return fails("BUNDLE_TOO_OLD", in_words(age) + " ago; at most " + in_words(*freshness.most_age) + " are allowed");
  }
  bool was_seen = false;
  // Each signer has a memory of its own: signed by two, a bundle may be older than the last of neither.
  for (const std::string& id : signers_) {
    const auto seen = before_.seen.find(id);
    if (seen == before_.seen.end()) continue;
    if (packed < seen->second.created) {
      return fails("BUNDLE_ROLLBACK",
                   "but one packed at " + to_text(seen->second.created) + " by this key was loaded here before");
    }
    // The very same bundle is no rollback. It has arrived before, so the limit for the way is none for it.
    was_seen = was_seen || seen->second.statement == statement_;
  }
  if (!was_seen && freshness.most_transit && age > *freshness.most_transit) {
    return fails("BUNDLE_IN_TRANSIT",
                 in_words(age) + " ago; it may be on its way for at most " + in_words(*freshness.most_transit));
  }
  find(Result::pass, "", when);
}

ClockMemory BundleTime::learned() const {
  ClockMemory memory = before_;
  // A time of packing that is believed is certain, even where this clock is a little behind.
  const Time latest = packed_ ? std::max(now_, *packed_) : now_;
  // It never goes back, whatever this clock says.
  memory.high_water = memory.high_water ? std::max(*memory.high_water, latest) : latest;
  if (!packed_ || !statement_) return memory;
  for (const std::string& id : signers_) {
    const auto seen = memory.seen.find(id);
    // Only a newer one takes its place, so that an old bundle cannot make the newest one forgotten.
    if (seen == memory.seen.end() || seen->second.created < *packed_) {
      memory.seen.insert_or_assign(id, SeenBundle{*packed_, *statement_});
    }
  }
  return memory;
}

std::vector<std::string> accepted_ends(const BundleTime& time, const std::vector<trust::Expiry>& expiries) {
  std::vector<std::string> lines;
  for (const trust::Expiry& end : expiries) {
    if (end.expires > time.now() || !time.packed()) continue;
    lines.push_back(printable(end.role, 120) + " of " + printable(end.collection, 300) + " expired " +
                    in_words(time.now() - end.expires) + " ago; accepted: packed at " + to_text(*time.packed()) +
                    " by key " + time.signers().front().substr(0, kShortId));
  }
  return lines;
}

}  // namespace hallmark::policy
