// SPDX-License-Identifier: Apache-2.0
#include "policy/report.h"

#include <algorithm>

#include "policy/judge.h"

namespace hallmark::policy {
namespace {

constexpr std::size_t kTitleWidth = 30;
constexpr std::string_view kChildIndent = "           ";

/// By the words of both media types, for people alone: nothing is decided by it.
bool is_index(std::string_view media_type) {
  return media_type.find("index") != std::string_view::npos || media_type.find("list") != std::string_view::npos;
}

std::string title_of(const Finding& finding) {
  std::string title = finding.type;
  if (finding.need > 0) {
    title += " " + std::to_string(finding.need) + " of " + std::to_string(finding.children.size());
  }
  const std::string& label = finding.id.empty() ? finding.store : finding.id;
  return label.empty() ? title : title + " " + label;
}

std::string said_by(const Finding& finding) {
  if (finding.code.empty()) return finding.detail;
  return finding.detail.empty() ? finding.code : finding.code + ": " + finding.detail;
}

/// To one width on the screen, where the continuation bytes of UTF-8 take no place.
std::string padded(std::string title) {
  const auto width = static_cast<std::size_t>(std::count_if(
      title.begin(), title.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
  if (width < kTitleWidth) title.append(kTitleWidth - width, ' ');
  return title + "  ";
}

std::string_view short_word_of(Result result) {
  switch (result) {
    case Result::pass: return "pass";
    case Result::skipped: return "skip";
    case Result::error: return "error";
    case Result::fail: break;
  }
  return "fail";
}

/// A failure is in capitals: it is what a person looks for in a long list.
std::string_view mark_of(Result result) {
  switch (result) {
    case Result::pass: return "[pass] ";
    case Result::skipped: return "[skip] ";
    case Result::error: return "[error] ";
    case Result::fail: break;
  }
  return "[FAIL] ";
}

/// Whether all is told, or the reasons of a refusal are left to the error that follows.
enum class Telling { all, without_reasons };

/// `telling`: of what failed inside a finding that failed, the error says why.
void append_findings(const std::vector<Finding>& findings, const std::string& indent, Telling telling,
                     std::string& out) {
  for (const Finding& finding : findings) {
    const bool is_top = indent.empty();
    const bool is_in_error = telling == Telling::without_reasons && finding.waived_by.empty() &&
                             (finding.result == Result::fail || finding.result == Result::error) &&
                             !finding.code.empty();
    std::string mark(mark_of(finding.result));
    if (!is_top) {
      // It failed and refuses nothing: either word alone would mislead.
      mark = finding.waived_by.empty() ? short_word_of(finding.result) : "waive";
      mark.resize(6, ' ');
    }
    std::string title = is_top && !finding.pointer.empty() ? printable(finding.pointer, 300) + " " : std::string();
    title += title_of(finding);
    out += (is_top ? "  " : indent) + mark + padded(std::move(title));
    out += (is_in_error ? finding.code : said_by(finding)) + "\n";
    const bool has_failed = finding.result == Result::fail || finding.result == Result::error;
    append_findings(finding.children, is_top ? std::string(kChildIndent) : indent + "  ",
                    has_failed ? telling : Telling::all, out);
  }
}

/// What could not be decided is no refusal: the exit status is another.
std::string_view verdict_of(const Decision& decision) {
  if (decision.approval) return "ALLOW  ";
  return decision.fault == Fault::refused ? "DENY  " : "ERROR  ";
}

void append_resolved(const DecisionContext& context, bool is_refused, std::string& out) {
  // What ended it may be trouble, and a server that was not reached has refused nothing.
  if (!context.digest) {
    out += std::string("  resolved  nothing: ") + (is_refused ? "refused" : "it ended") +
           (context.archive ? " before anything was unpacked\n" : " before the registry was asked\n");
    return;
  }
  const bool index = is_index(context.media_type);
  out += "  resolved  " + context.digest->to_string() + (index ? " (index)" : " (manifest)");
  std::string_view separator = " → ";
  for (const Instance& instance : context.instances) {
    // A manifest that is no part of an index stands in the line already.
    if (instance.manifest == *context.digest) continue;
    out += separator;
    if (!instance.platform.empty()) out += printable(instance.platform, 80) + " ";
    out += instance.manifest.to_string();
    separator = ", ";
  }
  out += "\n";
}

void append_policy(const Gate& gate, const Plan& plan, Telling telling, std::string& out) {
  out += "  policy    ";
  if (!gate.policy()) {
    out += "none\n";
    return;
  }
  const Policy& policy = *gate.policy();
  out += printable(policy.name().empty() ? policy.path() : policy.name(), 200);
  if (policy.serial()) out += " serial " + std::to_string(*policy.serial());
  if (telling == Telling::all) out += "  " + policy.digest().to_string();
  const bool by_default = !plan.match() || plan.match()->transport.empty();
  out += "   scope ";
  out += by_default ? "default" : plan.match()->transport + " \"" + printable(plan.match()->scope, 300) + "\"";
  out += "\n";
}

/// Visits failed findings, outright refusals before what could not be decided; a threshold's branches after it.
template <class Visit>
void for_each_failure(const std::vector<Finding>& findings, Visit visit) {
  // First what no second try changes.
  for (const Result wanted : {Result::fail, Result::error}) {
    for (const Finding& finding : findings) {
      // What was waived keeps nothing out, so nothing has to be done about it.
      if (finding.result == wanted && finding.waived_by.empty()) visit(finding);
    }
  }
}

void collect_hints(const std::vector<Finding>& findings, std::vector<std::string>& hints) {
  for_each_failure(findings, [&hints](const Finding& finding) {
    const std::size_t before = hints.size();
    collect_hints(finding.children, hints);
    // A threshold has nothing to advise that its branches do not say better.
    const bool said = !finding.children.empty() && hints.size() > before;
    if (said || finding.hint.empty()) return;
    if (std::find(hints.begin(), hints.end(), finding.hint) == hints.end()) hints.push_back(finding.hint);
  });
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

std::string reason_of(const Finding& finding) {
  std::string text = finding.detail.empty() ? title_of(finding) : finding.detail;
  if (!finding.children.empty()) {
    std::vector<std::string> branches;
    for_each_failure(finding.children, [&branches](const Finding& branch) { branches.push_back(reason_of(branch)); });
    text = title_of(finding) + ": " + text + (branches.empty() ? "" : ": " + joined(branches));
  }
  return finding.code.empty() ? text : text + " (" + finding.code + ")";
}

}  // namespace

// Each use says so: that all digests fit is nobody's word for the image.
std::string unverified_notice(const Gate& gate, const Reference& name) {
  return "no publisher was verified for " + name.familiar() + ": " + why_no_publisher(gate.policy()) +
         "; every digest is checked";
}

std::string waivers(const Gate& gate, const Decision& decision) {
  std::string text;
  // What was not admitted was not admitted by a waiver either.
  if (!gate.policy() || !decision.approval) return text;
  for (const Exception& exception : gate.policy()->exceptions()) {
    const std::vector<std::string>& used = decision.exceptions;
    if (std::find(used.begin(), used.end(), exception.id) == used.end()) continue;
    text += "  admitted by exception " + exception.id + " until " + to_text(exception.until) + ": " +
            printable(exception.reason, 300) + "\n";
  }
  if (decision.break_glass) {
    text += "  admitted by --break-glass: " + printable(*decision.break_glass, 300) + "; waived:";
    for (const std::string& code : decision.break_glass_waived) text += " " + code;
    text += "\n";
  }
  return text;
}

std::string explain(const Gate& gate, const Judgement& judgement) {
  const auto& [plan, answers, decision, context] = judgement;
  const bool allowed = decision.approval.has_value();
  std::string out = std::string(verdict_of(decision)) + plan.name().familiar() + "\n";
  append_resolved(context, decision.approval || decision.fault == Fault::refused, out);
  append_policy(gate, plan, Telling::all, out);
  append_findings(decision.findings, "", Telling::all, out);
  // Whatever came of it: a root that is trusted on first use is told here.
  for (const auto& question : plan.questions()) {
    const auto answer = answers->find(question->answer_key(plan.name(), decision.subject));
    if (answer == answers->end()) continue;
    for (const std::string& warning : answer->second->warnings()) out += "  note: " + printable(warning, 600) + "\n";
  }
  out += waivers(gate, decision);
  for (const std::string& line : notes(judgement)) out += "  note: " + line + "\n";
  // What nobody signed must not look like what somebody did.
  if (allowed && !decision.publisher_verified) out += "  no publisher was verified.\n";
  // Neither line where something was admitted and not stored, as by `verify`.
  if (context.committed) {
    out += "  stored in " + printable(context.store, 300) + "\n";
  } else if (!allowed) {
    out += "  nothing was stored.\n";
  }
  if (const std::string next = advice(decision); !next.empty()) out += "  next: " + next + "\n";
  return out;
}

std::string refusal(const Gate& gate, const Judgement& judgement) {
  const auto& [plan, answers, decision, context] = judgement;
  std::string out = std::string(verdict_of(decision)) + plan.name().familiar() + ": nothing was stored\n";
  if (context.digest) {
    out += "  resolved  " + context.digest->to_string() + "\n";
  } else {
    append_resolved(context, decision.fault == Fault::refused, out);
  }
  if (gate.policy()) append_policy(gate, plan, Telling::without_reasons, out);
  append_findings(decision.findings, "", Telling::without_reasons, out);
  // What the trust data warn of was told when they came.
  for (const std::string& line : notes(judgement)) out += "  note: " + line + "\n";
  return out;
}

std::vector<std::string> notes(const Judgement& judgement) {
  const auto& [plan, answers, decision, context] = judgement;
  std::vector<std::string> lines;
  // Also beside a refusal: it tells why an image that is signed elsewhere is not signed in this form.
  if (context.archive && context.archive->manifest_is_synthesized) {
    lines.push_back(plan.name().familiar() + ": a docker archive has no manifest, so no signature can cover it");
  }
  if (context.is_of_index) {
    lines.push_back(plan.name().familiar() +
                    ": admitted is this one manifest of an index; with all platforms the index " + "itself is judged");
  }
  if (context.archive && context.archive->matches_stored_manifest && !context.instances.empty()) {
    lines.push_back(plan.name().familiar() +
                    ": a docker archive has no manifest; its config and DiffIDs are those of " +
                    context.instances.front().manifest.to_string() + ", which is in the store");
  }
  // Only the time of a bundle lets something pass that has ended.
  if (!context.bundle) return lines;
  for (const auto& question : plan.questions()) {
    const auto answer = answers->find(question->answer_key(plan.name(), decision.subject));
    if (answer == answers->end()) continue;
    const std::vector<std::string> ends = accepted_ends(*context.bundle, answer->second->expiries());
    lines.insert(lines.end(), ends.begin(), ends.end());
  }
  return lines;
}

std::string summary(const Decision& decision) {
  std::vector<std::string> reasons;
  // An audit that refuses nothing has passed, so what failed inside it is no reason.
  for_each_failure(decision.findings, [&reasons](const Finding& finding) { reasons.push_back(reason_of(finding)); });
  return joined(reasons);
}

std::string advice(const Decision& decision) {
  if (decision.approval) return {};
  std::vector<std::string> hints;
  collect_hints(decision.findings, hints);
  return joined(hints);
}

}  // namespace hallmark::policy
