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
#include "cmd/admission/archive_input.h"
#include "cmd/state/clock.h"
#include "store/archive/archive.h"
#include "store/archive/statement_check.h"

namespace hallmark::cmd {

/// One name of the archive, judged.
struct JudgedName {
  const store::ArchiveImage* image;
  Reference asked;    ///< what the archive calls it
  policy::Plan plan;  ///< of the name that the store will have
  Subject subject;    ///< what was admitted, once something was
  policy::Decision decision;
  const policy::TrustAnswers* answers;  ///< of the BundleTrust
  policy::Circumstances circumstances;
  bool is_alone = false;  ///< of an index that nobody vouches for: its one manifest, admitted by itself
};

class Loading {
 public:
  /// What is told of the decisions: those that refuse, in words on standard error; or each of them, in words or as its
  /// record, on standard output.
  enum class Telling { refusals, tables, records };

  Loading(Desk& desk, std::string operation, Telling telling);

  /// Reads the archive to its end, and judges it. Throws the refusal of the first name that has one.
  void read(ArchiveInput& input, bool quiet);
  /// Everything of every image is hashed and inflated afterwards.
  void take(ArchiveInput& input);
  /// Judged again with the policy and with what other runs have learned while this one read, and committed before any
  /// of them learns more.
  void commit();
  /// The same judgement without the commit.
  void renew();
  /// Of what was committed, before something else rests on it. Throws the refusal, recorded.
  void require_still_admitted(const JudgedName& name);

  [[nodiscard]] const std::vector<JudgedName>& judged() const { return judged_; }
  void tell() const;

 private:
  template <class Work>
  void recording(Work&& work);
  void record_failure(const Error& error);
  void overturn(const Error& error);

  void judge_early();
  void judge_time(Time now);
  void judge_again();
  void renew_time_and_trust();
  void begin_judging();
  std::vector<JudgedName> judge_all();
  void refuse_lost(const Reference& name);
  void tell(const Decided& told) const;
  JudgedName judge(const Reference& name, const store::ArchiveImage& image);
  void decide(JudgedName& name);
  void decide_as(JudgedName& name, const Reference& called, bool is_alone);
  void ask_gate(JudgedName& name);
  Subject subject_of(const JudgedName& name, const std::function<Bytes(const store::Descriptor&)>& read_config);
  [[nodiscard]] policy::Circumstances circumstances_of(const store::ArchiveImage& image) const;
  [[nodiscard]] const store::Descriptor& root_of(const JudgedName& name) const;
  void require_approval();
  void limit_inflation();
  void take(const store::ArchiveImage& image);
  void add_diff_ids(const store::ArchiveImage& image);
  void record(const ClockFile::Lock& lock, const store::StoreLock& of_store);
  void judge_promised();
  void record_and_commit(const Turn& turn);
  [[nodiscard]] const store::Staged& staged_of(const JudgedName& name);

  Desk& desk_;
  TrustMemory memory_;
  ClockFile clock_;
  std::string operation_;
  Telling telling_;
  store::Staging staging_;
  store::Archive archive_;
  std::optional<store::CarriedStatement> statement_;
  std::optional<policy::BundleTime> time_;
  std::optional<BundleTrust> trust_;
  std::vector<JudgedName> judged_;
  bool is_told_ = false;                         // the refusal that is on its way
  bool is_promised_ = false;                     // records say that the commit follows
  const store::ArchiveImage* taking_ = nullptr;  // whose fault a failure is; of all of them when absent
  std::vector<store::Staged> staged_;
  std::map<Digest, store::Staged> alone_;  // manifests that go in without their index
  std::vector<store::EvidenceEntry> carried_;
};

}  // namespace hallmark::cmd
