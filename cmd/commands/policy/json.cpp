// SPDX-License-Identifier: Apache-2.0
#include "cmd/commands/policy/json.h"

#include "cmd/commands/policy/text.h"
#include "cmd/output/format.h"

namespace hallmark::cmd {
namespace {

json::Writer& time_or_null(json::Writer& writer, const std::optional<Time>& time) {
  return writer.string_or_null(time ? std::optional(to_text(*time)) : std::nullopt);
}

json::Writer& seconds_or_null(json::Writer& writer, const std::optional<std::chrono::seconds>& span) {
  return span ? writer.integer(span->count()) : writer.null();
}

// The end itself counts as past, as for the gate.
bool has_ended(const std::optional<Time>& end, Time now) { return end && now >= *end; }

void write_texts(json::Writer& writer, std::string_view name, const std::vector<std::string>& texts) {
  writer.key(name).begin_array();
  for (const std::string& text : texts) writer.string(text);
  writer.end_array();
}

void write_metadata(json::Writer& writer, const policy::Policy& policy, Time now) {
  writer.member("Policy", path_in_json(policy.path())).member("Digest", policy.digest().to_string());
  writer.member("Dialect", words_of(policy.dialect())).key("Name");
  // A policy without a name is never remembered, so that an older one of it is not noticed.
  writer.string_or_null(policy.name().empty() ? std::nullopt : std::optional(policy.name())).key("Serial");
  policy.serial() ? writer.integer(*policy.serial()) : writer.null();
  time_or_null(writer.key("Expires"), policy.expires());
  writer.key("HasExpired").boolean(has_ended(policy.expires(), now));
}

void write_stores(json::Writer& writer, const policy::Policy& policy, Time now) {
  writer.key("Stores").begin_array();
  for (const auto& [name, store] : policy.stores()) {
    writer.begin_object().member("Name", name).member("Kind", store->kind());
    store->write(writer);
    writer.end_object();
  }
  // Keys stand among the stores, as they do in the file.
  for (const auto& [name, key] : policy.keys()) {
    writer.begin_object().member("Name", name).member("Kind", "key").member("Id", key.id);
    time_or_null(writer.key("NotBefore"), key.not_before);
    time_or_null(writer.key("NotAfter"), key.not_after);
    writer.key("HasEnded").boolean(has_ended(key.not_after, now));
    writer.key("Distrusted").boolean(key.is_distrusted).end_object();
  }
  writer.end_array();
}

void write_freshness(json::Writer& writer, const std::optional<policy::Freshness>& freshness) {
  writer.key("Freshness");
  if (!freshness) {
    writer.null();
    return;
  }
  const bool is_strict = freshness->mode == policy::Freshness::Mode::strict;
  writer.begin_object().member("Mode", is_strict ? "strict" : "bundleTime");
  seconds_or_null(writer.key("MaxBundleAge"), freshness->most_age);
  seconds_or_null(writer.key("MaxTransit"), freshness->most_transit);
  write_texts(writer, "BundleSigners", freshness->signers);
  writer.end_object();
}

void write_scopes(json::Writer& writer, const policy::Policy& policy) {
  writer.key("RequirePublisher").boolean(policy.requires_publisher());
  writer.member("Default", words_of(policy.fallback())).key("Scopes").begin_array();
  for (const auto& [transport, scopes] : policy.transports()) {
    for (const auto& [scope, requirements] : scopes) {
      writer.begin_object().member("Transport", transport).member("Scope", scope);
      writer.member("Requires", words_of(requirements)).end_object();
    }
  }
  writer.end_array();
}

void write_waivers(json::Writer& writer, const policy::Policy& policy, Time now) {
  writer.key("Exceptions").begin_array();
  for (const policy::Exception& exception : policy.exceptions()) {
    writer.begin_object().member("Id", exception.id).member("Digest", exception.digest.to_string());
    writer.member("Scope", exception.scope).member("Until", to_text(exception.until));
    writer.key("HasEnded").boolean(has_ended(exception.until, now)).end_object();
  }
  writer.end_array();
  // null where no glass may be broken, and an empty list where breaking it waives nothing: these are two things.
  if (policy.break_glass().is_allowed) {
    write_texts(writer, "BreakGlass", policy.break_glass().waivable);
  } else {
    writer.key("BreakGlass").null();
  }
}

void write_audit(json::Writer& writer, const policy::Audit& audit) {
  writer.key("Audit");
  if (!audit.file) {
    writer.null();
    return;
  }
  writer.begin_object().member("File", path_in_json(*audit.file)).key("Required").boolean(audit.is_required);
  writer.end_object();
}

}  // namespace

std::string json_of(const policy::Policy& policy, Time now) {
  json::Writer writer(0);
  writer.begin_object();
  write_metadata(writer, policy, now);
  write_stores(writer, policy, now);
  write_freshness(writer, policy.freshness());
  write_scopes(writer, policy);
  write_waivers(writer, policy, now);
  write_audit(writer, policy.audit());
  write_texts(writer, "Remarks", policy.remarks());
  return writer.end_object().text();
}

}  // namespace hallmark::cmd
