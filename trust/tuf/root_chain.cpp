// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/root_chain.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "trust/error.h"
#include "trust/tuf/refusal.h"

namespace hallmark::tuf {
namespace {

/// A root is asked for before anybody has signed its size.
constexpr std::uint64_t kMostRootBytes = std::uint64_t{1} << 20U;
/// Hundreds of usual roots.
constexpr std::size_t kMostRememberedBytes = std::size_t{2} << 20U;

/// How the answer begins when a root that the pins know leads to the refused one.
constexpr std::string_view kVouched = "the pinned root vouches for it: root version ";

std::string keys_of(const RootFile& file) {
  std::string text;
  for (const std::string& id : file.signers().key_ids) text += (text.empty() ? "" : ", ") + printable(id, 80);
  return "root version " + std::to_string(file.version()) + " (key " + (text.empty() ? "none" : text) + ")";
}

void must(const std::optional<Refusal>& refusal) {
  if (refusal) throw Refused(*refusal);
}

/// What is remembered of the way is read with each question, so it has a limit together.
void keep_newest(std::map<std::int64_t, Bytes>& roots) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (auto root = roots.end(); root != roots.begin();) {
    --root;
    bytes += root->second.size();
    if (++count <= kMostRoots && bytes <= kMostRememberedBytes) continue;
    roots.erase(roots.begin(), std::next(root));
    return;
  }
}

/// A pinned document that cannot be used is the administrator's to mend, not evidence about the repository.
RootFile read_anchor(const Dialect& dialect, const RootRules& rules, const std::string& gun, const Bytes& bytes) {
  try {
    RootFile file = read_root_file(dialect, bytes);
    if (const auto refusal = rules.stands_alone(file)) fail(Fault::corrupt, refusal->detail);
    return file;
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    fail(Fault::usage, "the pinned root of ", gun, " cannot be used: ", error.what());
  }
}

}  // namespace

RootChain::RootChain(const Dialect& dialect, const Question& question, const TrustedMetadata& memory, Allowance& source,
                     Time now)
    : dialect_(dialect),
      question_(question),
      memory_(memory),
      source_(source),
      now_(now),
      rules_(dialect, question.gun) {}

std::optional<RootFile> RootChain::remembered() const {
  const auto file = memory_.files.find("root");
  if (file == memory_.files.end()) return std::nullopt;
  try {
    return read_root_file(dialect_, file->second);
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    // Not taken for no memory: one damaged file would make this a first use.
    refuse(Refusal::Kind::malformed, "root", std::string("the remembered root cannot be read: ") + error.what(),
           "remove what is remembered of " + question_.gun + " to begin anew");
  }
}

std::optional<RootFile> RootChain::newest(bool has_memory) {
  const MetadataFile wanted{"root", dialect_.file_name("root"), kMostRootBytes};
  MetadataReply reply = ask(source_, wanted);
  // What was served is judged. The remembered root does not stand in for a bad one.
  if (reply.kind == MetadataReply::Kind::found) {
    return read_root_file(dialect_, std::move(reply.bytes));
  }
  // A refused question, or more bytes than allowed, is an answer and final.
  const bool may_go_on = reply.kind == MetadataReply::Kind::missing || reply.kind == MetadataReply::Kind::unreachable;
  Refusal refusal = not_found(wanted, reply);
  if (may_go_on && has_memory && question_.cached_timestamp_allowed) {
    warnings_.push_back(refusal.detail + "; going on with the remembered root of " + question_.gun);
    return std::nullopt;
  }
  // Only the server's own word makes a repository one without trust data; trouble never does.
  if (reply.kind == MetadataReply::Kind::missing) {
    refuse(
        Refusal::Kind::no_trust_data, "",
        "there is no trust data for " + question_.gun + ": " + (reply.detail.empty() ? refusal.detail : reply.detail),
        has_memory ? "it was there before: it was deleted, or somebody hides it"
                   : "nobody has signed in this repository, or the trust server is another one");
  }
  throw Refused(std::move(refusal));
}

Refusal RootChain::not_chained(const RootFile& trusted, const RootFile& end, const std::string& why) const {
  return {Refusal::Kind::root_not_signed_by_trusted_root, "",
          keys_of(end) + " of " + question_.gun + " is not signed by the trusted " + keys_of(trusted) +
              (why.empty() ? "" : ": " + why) + "; this may be an attack",
          "ask the publisher by another way; if the repository was set up anew, pin its new root key id"};
}

Refusal RootChain::lower(const RootFile& trusted, const RootFile& end) const {
  // A root of long ago is a rollback; a root of nobody known that has a low number is something else.
  if (!rules_.is_signed_by(trusted, end) && !rules_.is_signed_by(end, trusted)) return not_chained(trusted, end, {});
  return {Refusal::Kind::rollback, "root",
          keys_of(end) + " of " + question_.gun + " is older than the trusted " + keys_of(trusted),
          "the trust server serves old data; this may be an attack"};
}

std::optional<RootFile> RootChain::step(const RootFile& trusted, std::string& why_not) {
  const std::int64_t version = trusted.version() + 1;
  // The way from the memory and the way from a pinned document may share roots. Each counts once.
  if (counted_.insert(version).second) source_.count_root();
  // The memory first: a server that hides a root does not stop the way. None is believed before successor() judged it.
  for (const auto* const roots : {&memory_.roots, &std::as_const(fetched_)}) {
    const auto known = roots->find(version);
    if (known == roots->end()) continue;
    if (auto next = successor(trusted, read_root_file(dialect_, known->second), why_not)) return next;
  }
  std::optional<RootFile> next;
  if (!fetched_.contains(version)) next = fetched_successor(trusted, why_not);
  // A wrong one tells no more than none: there must be one that those before it signed, and it is not shown.
  lacks_a_root_ = lacks_a_root_ || !next;
  return next;
}

std::optional<RootFile> RootChain::fetched_successor(const RootFile& trusted, std::string& why_not) {
  const std::int64_t version = trusted.version() + 1;
  const MetadataFile wanted{"root", dialect_.root_file_name(version), kMostRootBytes};
  MetadataReply reply = ask(source_, wanted);
  // Whether there is one is not known: this is trouble, and no broken chain.
  if (reply.kind == MetadataReply::Kind::unreachable) throw Refused(not_found(wanted, reply));
  if (reply.kind != MetadataReply::Kind::found) {
    why_not = not_found(wanted, reply).detail;
    return std::nullopt;
  }
  // Before it is judged: a wrong one is not asked for again either.
  fetched_.insert_or_assign(version, reply.bytes);
  return successor(trusted, read_root_file(dialect_, std::move(reply.bytes)), why_not);
}

std::optional<RootFile> RootChain::successor(const RootFile& trusted, RootFile next, std::string& why_not) const {
  const std::int64_t version = trusted.version() + 1;
  const std::string file = dialect_.root_file_name(version);
  // The number in the file's name is the server's word; the one inside was signed.
  if (next.version() != version) {
    why_not = file + " says that it is version " + std::to_string(next.version());
  } else if (!rules_.is_signed_by(trusted, next)) {
    why_not = file + " is not signed by the keys of version " + std::to_string(trusted.version());
  } else if (const auto refusal = rules_.stands_alone(next)) {
    why_not = file + ": " + refusal->detail;
  } else {
    return next;
  }
  return std::nullopt;
}

std::optional<Refusal> RootChain::chain(const RootFile& start, const RootFile& end) {
  if (end.version() < start.version()) return lower(start, end);
  std::optional<RootFile> reached;
  const RootFile* trusted = &start;
  // The roots between are needed only where the newest does not follow directly (docs/notary-v1.md, 5.3). Each step
  // is one version up, so the walk ends.
  while (!rules_.is_signed_by(*trusted, end)) {
    std::string why_not;
    if (trusted->version() + 1 >= end.version()) return not_chained(*trusted, end, why_not);
    std::optional<RootFile> next = step(*trusted, why_not);
    if (!next) return not_chained(*trusted, end, why_not);
    // Before `reached` is replaced: from the second step on `trusted` points into it.
    roots_.insert_or_assign(trusted->version(), trusted->bytes);
    reached = std::move(next);
    trusted = &*reached;
  }
  // One of the same version is replaced by the served root and does not come before it.
  if (trusted->version() < end.version()) roots_.insert_or_assign(trusted->version(), trusted->bytes);
  return std::nullopt;
}

/// Asked on every run, of remembered roots too, so that a changed pin is obeyed at once.
std::optional<Refusal> RootChain::pins(const RootFile& file) {
  const Anchor& anchor = question_.anchor;
  if (!anchor.root_key_ids.empty()) {
    if (auto refusal = rules_.is_pinned(file, anchor.root_key_ids)) return refusal;
  }
  // Without a pin they are taken, as docker does, and find() tells it.
  if (anchor.is_pinned() && anchor.wildcards == Wildcards::refused) {
    if (auto refusal = rules_.is_for_one(file)) return refusal;
  }
  // Where a pin has keys and a document both must hold.
  if (!anchor.root) return std::nullopt;
  return chain(read_anchor(dialect_, rules_, question_.gun, *anchor.root), file);
}

/// A pinned document may be of a root that came later.
bool RootChain::is_of_pins(const RootFile& remembered) {
  if (!pins(remembered)) return true;
  if (!question_.anchor.root) return false;
  const RootFile pinned = read_anchor(dialect_, rules_, question_.gun, *question_.anchor.root);
  return remembered.version() < pinned.version() && !chain(remembered, pinned);
}

bool RootChain::pins_outrank(const RootFile& remembered, const RootFile& end) {
  if (!question_.anchor.is_pinned()) return false;
  // What was passed on the way from the remembered root belongs to that, and is to be forgotten with it.
  roots_.clear();
  if (pins(end)) return false;
  // A remembered root that the pins know, or that came after the served one, is no mistake of a first use:
  // then the server rolls back or replaces, and the memory is what says so. Nor may it be forgotten because whoever is
  // under suspicion does not hand out what would tell.
  // The roots on the way to the remembered one do not come before the served one.
  const auto passed = roots_;
  lacks_a_root_ = false;
  const bool is_known = is_of_pins(remembered);
  roots_ = passed;
  return !is_known && !lacks_a_root_ && !rules_.is_signed_by(end, remembered);
}

std::optional<RootFile> RootChain::known_or_fetched(std::int64_t version) {
  for (const auto* const roots : {&memory_.roots, &std::as_const(fetched_)}) {
    if (const auto known = roots->find(version); known != roots->end()) return read_root_file(dialect_, known->second);
  }
  source_.count_root();
  MetadataReply reply = ask(source_, {"root", dialect_.root_file_name(version), kMostRootBytes});
  if (reply.kind != MetadataReply::Kind::found) return std::nullopt;
  return read_root_file(dialect_, std::move(reply.bytes));
}

/// Down from the refused root, each one signed by the one before it, to one that the pins know.
std::string RootChain::who_vouches(const RootFile& end) {
  std::optional<RootFile> below;
  const RootFile* later = &end;
  for (std::int64_t version = end.version() - 1; version >= 1; --version) {
    const std::string file = dialect_.root_file_name(version);
    std::optional<RootFile> former = known_or_fetched(version);
    if (!former) return "whether a pinned root vouches for it cannot be told without " + file + ", which is not there";
    if (former->version() != version || !rules_.is_signed_by(*former, *later) || rules_.stands_alone(*former)) break;
    if (!rules_.is_pinned(*former, question_.anchor.root_key_ids)) {
      return std::string(kVouched) + std::to_string(version) + ", signed by the pinned keys, leads to it";
    }
    below = std::move(former);
    later = &*below;
  }
  return "no pinned root vouches for it";
}

/// A rotation exchanges the keys that a pin names. Whoever has to change the pin wants to know whether it was one.
void RootChain::tell_who_vouches(const RootFile& end, Refusal& refusal) {
  std::string told;
  try {
    told = who_vouches(end);
  } catch (const Refused& trouble) {
    told = "whether a pinned root vouches for it could not be found out: " + trouble.refusal().detail;
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    told = "no pinned root vouches for it: a root before it cannot be read";
  }
  refusal.detail += "; " + told;
  if (!told.starts_with(kVouched)) return;
  std::string ids;
  for (const std::string& id : end.signers().key_ids) ids += (ids.empty() ? "\"" : ", \"") + printable(id, 80) + "\"";
  refusal.hint = "the publisher has rotated the root key: change the pin to \"rootKeyIds\": [" + ids +
                 "], or pin a root document (\"root\"), which holds across rotations";
}

void RootChain::finish(const ChainEnd& end) const {
  // Dates are asked of the newest root alone (docs/notary-v1.md, 5.2).
  must(rules_.is_current(end.root, now_));
  std::int64_t least = question_.anchor.least_root_version.value_or(1);
  // It may be above the remembered file's version: memories of one repository raise each other's versions.
  const auto seen = memory_.versions.find("root");
  if (end.memory_counts && seen != memory_.versions.end()) least = std::max(least, seen->second);
  if (end.root.version() < least) {
    refuse(Refusal::Kind::rollback, "root",
           keys_of(end.root) + " of " + question_.gun + " is older than version " + std::to_string(least) +
               ", the least that may be used here",
           "the trust server serves old data; this may be an attack");
  }
}

ChainEnd RootChain::find() {
  const std::optional<RootFile> before = remembered();
  std::optional<RootFile> served = newest(before.has_value());
  if (!served) served = before;
  ChainEnd end{std::move(*served), true, !before && !question_.anchor.is_pinned(), {}, {}};
  // Also of the remembered root: its certificates must name this repository on every run.
  must(rules_.stands_alone(end.root));
  std::optional<Refusal> refusal = before ? chain(*before, end.root) : std::nullopt;
  // A chain from the memory does not stand for a pin, nor a pin for the chain, but where pins_outrank() says so.
  if (!refusal) refusal = pins(end.root);
  if (refusal) {
    if (!before || !pins_outrank(*before, end.root)) {
      if (refusal->kind == Refusal::Kind::root_not_pinned) tell_who_vouches(end.root, *refusal);
      throw Refused(std::move(*refusal));
    }
    // Its files and versions go as well: they are of trust data that somebody else made.
    end.memory_counts = false;
    warnings_.push_back("the remembered " + keys_of(*before) + " of " + question_.gun +
                        " is not what the pins say and was replaced by the pinned " + keys_of(end.root));
  }
  finish(end);
  if (!question_.anchor.is_pinned()) {
    if (const auto wide = rules_.is_for_one(end.root)) warnings_.push_back(wide->detail);
  }
  if (end.first_use) {
    const std::string& id = end.root.signers().key_ids.front();
    warnings_.push_back("first use of " + question_.gun +
                        R"(: nothing vouches for its root key yet; to hold it, pin it in a policy: {"gun": ")" +
                        question_.gun + R"(", "rootKeyIds": [")" + printable(id, 80) + R"("]})");
  }
  end.warnings = std::move(warnings_);
  // Also those that this run had no need of: other memories are compared with them (policy/line.h).
  if (end.memory_counts) roots_.insert(memory_.roots.begin(), memory_.roots.end());
  roots_.erase(roots_.lower_bound(end.root.version()), roots_.end());
  keep_newest(roots_);
  end.roots = std::move(roots_);
  return end;
}

}  // namespace hallmark::tuf
