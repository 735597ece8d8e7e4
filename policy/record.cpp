// SPDX-License-Identifier: Apache-2.0
#include "policy/record.h"

#include <set>

#include "trust/json.h"

namespace hallmark::policy {
namespace {

/// Readers of the schema compare these words, so none of them is named anew.
std::string_view word_of(Result result) {
  switch (result) {
    case Result::pass: return "pass";
    case Result::error: return "error";
    case Result::skipped: return "skipped";
    case Result::fail: break;
  }
  return "fail";
}

std::string_view decision_word(const Decision& decision) {
  // The glass first: whoever reads records looks for it, and exceptions have a list of their own.
  if (decision.approval && decision.break_glass) return "allow-break-glass";
  if (decision.approval && !decision.exceptions.empty()) return "allow-exception";
  if (decision.approval) return "allow";
  // An error is no denial: the exit status is another, and a second try may end otherwise.
  return decision.fault == Fault::refused ? "deny" : "error";
}

void write_policy(const std::optional<Policy>& policy, json::Writer& out) {
  out.key("policy");
  if (!policy) {
    out.null();
    return;
  }
  // The hash tells which text decided, whatever has become of the file since.
  out.begin_object().member("path", printable(policy->path(), 4096)).member("sha256", policy->digest().hex());
  if (!policy->name().empty()) out.member("name", policy->name());
  if (policy->serial()) out.key("serial").integer(*policy->serial());
  if (policy->expires()) out.member("expires", to_text(*policy->expires()));
  out.member("dialect", policy->dialect() == PolicyDialect::native ? "hallmark" : "containers");
  // Roots and keys decide as much as the policy does: a file that was exchanged has to show.
  out.key("files").begin_array();
  for (const auto& named : policy->stores()) {
    for (const trust::MaterialFile& file : named.second->files()) {
      out.begin_object().member("path", printable(file.path, 4096)).member("sha256", file.digest.hex()).end_object();
    }
  }
  for (const auto& named : policy->keys()) {
    // A key that stands in the policy has the policy's hash.
    if (!named.second.path) continue;
    out.begin_object().member("path", printable(*named.second.path, 4096));
    out.member("sha256", named.second.digest.hex()).end_object();
  }
  out.end_array().end_object();
}

void write_subject(const Plan& plan, const DecisionContext& context, json::Writer& out) {
  out.key("subject").begin_object();
  if (context.is_nameless) {
    // It was judged under a name of the program's own, which nobody asked for.
    out.key("asked").null();
  } else {
    out.member("asked", plan.name().to_string());
  }
  out.member("transport", "docker").key("top");
  if (context.digest) {
    out.begin_object().member("mediaType", printable(context.media_type, 255));
    out.member("digest", context.digest->to_string()).key("size").size(context.size).end_object();
  } else {
    // Null and not left out: a reader sees that it was not known.
    out.null();
  }
  out.key("instances").begin_array();
  for (const Instance& instance : context.instances) {
    out.begin_object().key("platform");
    if (instance.platform.empty()) {
      out.null();
    } else {
      out.string(printable(instance.platform, 120));
    }
    out.member("manifest", instance.manifest.to_string());
    if (instance.config) out.member("config", instance.config->to_string());
    if (instance.size) out.key("size").size(*instance.size);
    if (!instance.diff_ids.empty()) {
      out.key("diffIds").begin_array();
      for (const Digest& id : instance.diff_ids) out.string(id.to_string());
      out.end_array();
    }
    out.end_object();
  }
  out.end_array().end_object();
}

void write_archive(const std::optional<ArchiveOrigin>& archive, json::Writer& out) {
  out.key("archive");
  if (!archive) {
    out.null();
    return;
  }
  out.begin_object().key("statement");
  if (archive->statement) {
    out.string(archive->statement->to_string());
  } else {
    out.null();
  }
  // One that matches a stored manifest shows that, which did not come with it.
  out.key("hasManifest")
      .boolean(!archive->manifest_is_synthesized && !archive->matches_stored_manifest)
      .key("tied")
      .boolean(archive->matches_stored_manifest);
  out.end_object();
}

void write_scope(const std::optional<Match>& match, json::Writer& out) {
  out.key("scope");
  if (!match) {
    out.null();
    return;
  }
  out.begin_object().key("transport");
  const bool by_default = match->transport.empty();
  // Null beside it tells the default from a scope that is called so.
  if (by_default) {
    out.null().key("matched").string("default");
  } else {
    out.string(match->transport).member("matched", match->scope);
  }
  // From narrow to wide: what was not there tells as much as what was.
  out.key("tried").begin_array();
  for (const std::string& key : match->tried) out.string(key);
  out.end_array().end_object();
}

void write_evidence(const Finding& finding, const Answers& answers, json::Writer& out) {
  const auto answer = answers.find(finding.question);
  // What asked nothing, or got no answer, has its code instead.
  if (finding.question.empty() || answer == answers.end()) return;
  out.key("evidence").begin_array().begin_object();
  answer->second->write(out);
  if (finding.proof) finding.proof->write(out);
  out.end_object().end_array();
}

void write_finding(const Finding& finding, const Answers& answers, json::Writer& out) {
  out.begin_object().member("path", finding.pointer);
  if (!finding.id.empty()) out.member("id", finding.id);
  out.member("type", finding.type).member("result", word_of(finding.result));
  if (!finding.store.empty()) out.member("store", finding.store);
  if (!finding.code.empty()) out.member("code", finding.code);
  if (!finding.detail.empty()) out.member("detail", finding.detail);
  if (!finding.waived_by.empty()) out.member("waivedBy", finding.waived_by);
  if (finding.need > 0) out.key("need").size(finding.need).key("got").size(finding.got);
  if (!finding.children.empty()) {
    out.key("children").begin_array();
    for (const Finding& child : finding.children) write_finding(child, answers, out);
    out.end_array();
  }
  write_evidence(finding, answers, out);
  out.end_object();
}

void write_expiry(const trust::Expiry& end, json::Writer& out) {
  out.begin_object().member("gun", end.collection).member("role", printable(end.role, 300));
  out.key("version").integer(end.version).member("expires", to_text(end.expires));
  if (end.seen) out.key("seen").integer(*end.seen);
  out.end_object();
}

void write_time(std::string_view name, const std::optional<Time>& time, json::Writer& out) {
  out.key(name);
  if (time) {
    out.string(to_text(*time));
  } else {
    out.null();
  }
}

/// For every image: what comes from a registry has the mode strict and no time of packing.
void write_bundle_time(const std::optional<BundleTime>& bundle, Time now, json::Writer& out) {
  const bool is_strict = !bundle || bundle->mode() == Freshness::Mode::strict;
  out.member("mode", is_strict ? "strict" : "bundleTime").member("now", to_text(now));
  write_time("bundleTime", bundle ? bundle->packed() : std::nullopt, out);
  write_time("highWater", bundle ? bundle->high_water() : std::nullopt, out);
  out.key("bundleSigners").begin_array();
  if (bundle) {
    for (const std::string& id : bundle->signers()) out.string(id);
  }
  out.end_array();
}

void write_freshness(const Judgement& judgement, json::Writer& out) {
  const auto& [plan, gathered, decision, context] = judgement;
  const Answers& answers = *gathered;
  out.key("freshness").begin_object();
  write_bundle_time(context.bundle, context.now, out);
  out.key("tuf").begin_array();
  for (const auto& question : plan.questions()) {
    const auto answer = answers.find(question->answer_key(plan.name(), decision.subject));
    // Not all was asked, for instance where an archive could not be read.
    if (answer == answers.end()) continue;
    for (const trust::Expiry& end : answer->second->expiries()) write_expiry(end, out);
  }
  out.end_array().key("warnings").begin_array();
  for (const auto& question : plan.questions()) {
    const auto answer = answers.find(question->answer_key(plan.name(), decision.subject));
    if (answer == answers.end()) continue;
    for (const std::string& warning : answer->second->warnings()) out.string(printable(warning, 600));
  }
  out.end_array().end_object();
}

/// Of a list that all must pass, what is inside says why.
void write_codes(const std::vector<Finding>& findings, std::set<std::string>& written, json::Writer& out) {
  for (const Finding& finding : findings) {
    if (!finding.code.empty() && written.insert(finding.code).second) out.string(finding.code);
    // The branches of a threshold are left out: it may not have needed those that failed.
    if (finding.type == "gates" || finding.type == "audit") write_codes(finding.children, written, out);
  }
}

void write_waivers(const Gate& gate, const Decision& decision, json::Writer& out) {
  out.key("exceptions").begin_array();
  // Where there are exceptions there is a policy that has them.
  for (const std::string& id : decision.exceptions) {
    for (const Exception& exception : gate.policy()->exceptions()) {
      if (exception.id != id) continue;
      out.begin_object().member("id", id).member("until", to_text(exception.until));
      out.member("reason", printable(exception.reason, 1000)).end_object();
    }
  }
  out.end_array().key("breakGlass");
  if (!decision.break_glass) {
    out.null();
    return;
  }
  out.begin_object().member("reason", printable(*decision.break_glass, 1000)).key("waived").begin_array();
  for (const std::string& code : decision.break_glass_waived) out.string(code);
  out.end_array().end_object();
}

/// `is_committed` is told and not looked up: the line has to be on the disk before there is a commit.
std::string record(const Gate& gate, const Judgement& judgement, bool is_committed) {
  const auto& [plan, answers, decision, context] = judgement;
  json::Writer out(0);
  out.begin_object().member("schema", "urn:hallmark:decision:1").member("id", context.id);
  out.member("time", to_text(context.now)).key("tool").begin_object().member("name", "hallmark");
  out.member("version", context.version).end_object().member("operation", context.operation);
  write_policy(gate.policy(), out);
  write_subject(plan, context, out);
  write_archive(context.archive, out);
  write_scope(plan.match(), out);
  out.key("requirements").begin_array();
  for (const Finding& finding : decision.findings) write_finding(finding, *answers, out);
  out.end_array();
  write_freshness(judgement, out);
  write_waivers(gate, decision, out);
  out.member("decision", decision_word(decision));
  std::set<std::string> written;
  out.key("codes").begin_array();
  write_codes(decision.findings, written, out);
  out.end_array();
  out.key("publisherVerified").boolean(decision.publisher_verified);
  out.key("committed").boolean(is_committed).key("store");
  if (context.store.empty()) {
    out.null();
  } else {
    out.begin_object().member("path", printable(context.store, 4096)).end_object();
  }
  return out.end_object().text();
}

}  // namespace

std::string record(const Gate& gate, const Judgement& judgement) {
  return record(gate, judgement, judgement.context.committed);
}

std::string record_ahead(const Gate& gate, const Judgement& judgement) { return record(gate, judgement, true); }

}  // namespace hallmark::policy
