// SPDX-License-Identifier: Apache-2.0
//
// The way in for what comes in an archive: read, judge, take, judge again, commit. All of its names come in, in one
// visible step, or none; each refusal is told and recorded, however late it comes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cmd/admission/admission.h"
#include "cmd/admission/archive_evidence.h"
#include "cmd/state/clock.h"
#include "store/archive/archive.h"
#include "store/archive/archive_input.h"
#include "store/archive/statement_check.h"

namespace hallmark::cmd {

/// One name of the archive, judged.
struct JudgedName {
  const store::ArchiveImage* image;
  Reference asked;              ///< what the archive calls it
  policy::Judgement judgement;  ///< of the name that the store will have
  Subject subject;              ///< what was admitted, once something was
  bool is_alone = false;        ///< of an index that nobody vouches for: its one manifest, admitted by itself
};

/// Whoever is told what becomes of an archive.
class ArchiveListener {
 public:
  virtual ~ArchiveListener() = default;

  /// So many bytes were read.
  virtual void passed(std::uint64_t bytes) = 0;
  /// Nothing more is read for now.
  virtual void paused() = 0;
  /// At least one of the names was refused.
  virtual void refused(const Judgements& names) = 0;
  /// Nothing came of the names that were judged by then, after all; there may be none.
  virtual void failed(const Judgements& names, const Error& error) = 0;

 protected:
  ArchiveListener() = default;
  ArchiveListener(const ArchiveListener&) = default;
  ArchiveListener& operator=(const ArchiveListener&) = default;
};

/// For one archive. The order is read(), take(), commit(); whoever wants the judgement alone has renew() after read().
class ArchiveAdmission {
 public:
  /// `operation` is what records call it: "load", "verify-bundle". Makes the quarantine.
  ArchiveAdmission(Admission& admission, std::string operation, ArchiveListener& listener);

  /// Reads the archive to its end, and judges it. Throws the refusal of the first name that has one.
  void read(store::ArchiveInput& input);
  /// Everything of every image is hashed and inflated afterwards.
  void take(store::ArchiveInput& input);
  /// Judged again with the policy and with what other runs have learned while this one read, and committed before any
  /// of them learns more.
  void commit();
  /// The same judgement without the commit.
  void renew();
  /// Of what was committed, before something else rests on it. Throws the refusal, recorded.
  void require_still_admitted(const JudgedName& name);

  /// Every name, in the order of the archive; empty until it was read so far that it could be judged.
  [[nodiscard]] const std::vector<JudgedName>& judged() const { return judged_; }
  /// Of the same names; as long as judged() is not made anew.
  [[nodiscard]] Judgements judgements() const;

 private:
  template <class Work>
  void recording(Work&& work);
  void record_failure(const Error& error);
  void revoke(const Error& error);

  void judge_early();
  void judge_time(Time now);
  void judge_again();
  void renew_time_and_trust();
  void begin_judging();
  std::vector<JudgedName> judge_all();
  void refuse_lost(const Reference& name);
  JudgedName judge(const Reference& name, const store::ArchiveImage& image);
  void decide(JudgedName& name);
  void decide_as(JudgedName& name, const Reference& called, bool is_alone);
  void ask_gate(JudgedName& name);
  Subject subject_of(const JudgedName& name, const std::function<Bytes(const store::Descriptor&)>& read_config);
  void tell_archive(const store::ArchiveImage& image, policy::DecisionContext& context) const;
  [[nodiscard]] const store::Descriptor& root_of(const JudgedName& name) const;
  void require_approval();
  void limit_inflation();
  void take(const store::ArchiveImage& image);
  void add_diff_ids(const store::ArchiveImage& image);
  void record(const ClockFile::Lock& lock, const store::StoreLock& of_store);
  void judge_promised();
  void record_and_commit(const Turn& turn);
  [[nodiscard]] const store::Staged& staged_of(const JudgedName& name);

  Admission& admission_;
  ClockFile clock_;
  std::string operation_;
  ArchiveListener& listener_;
  store::Staging staging_;
  store::Archive archive_;
  std::optional<store::CarriedStatement> statement_;
  std::optional<policy::BundleTime> time_;
  std::optional<ArchiveEvidence> trust_;
  std::vector<JudgedName> judged_;
  bool is_told_ = false;                         // the refusal that is on its way
  bool is_promised_ = false;                     // records say that the commit follows
  const store::ArchiveImage* taking_ = nullptr;  // whose fault a failure is; of all of them when absent
  std::vector<store::Staged> staged_;
  std::map<Digest, store::Staged> alone_;  // manifests that go in without their index
  std::vector<store::EvidenceEntry> carried_;
};

}  // namespace hallmark::cmd
