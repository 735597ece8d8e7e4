// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.h"

#include <algorithm>
#include <set>

#include "policy/file/containers.h"
#include "policy/file/native.h"
#include "policy/pointer.h"
#include "policy/scope.h"
#include "trust/json.h"

namespace hallmark::policy {
namespace {

constexpr std::size_t kLongestName = 200;
constexpr json::Limits kLimits{std::size_t{4} << 20U, 64};

std::string shown(std::string_view text) { return "\"" + printable(text, 200) + "\""; }

/// With the words of the format's own tools where they have some.
json::Value parse_document(ByteView bytes) {
  const std::string_view text = text_of(bytes);
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    fail(Fault::usage, "unexpected end of JSON input");
  }
  try {
    return json::parse("policy", bytes, kLimits);
  } catch (const json::DuplicateMember& duplicate) {
    fail(Fault::usage, "Duplicate key ", shown(duplicate.member()));
  }
}

void collect_stores(const Requirements& requirements, std::set<std::string>& used) {
  for (const Requirement& requirement : requirements) {
    if (requirement.type == Requirement::Type::tuf) used.insert(requirement.store);
    collect_stores(requirement.of, used);
  }
}

/// An audit without an end never begins to refuse.
void collect_endless(const Requirements& requirements, std::vector<std::string>& remarks) {
  for (const Requirement& requirement : requirements) {
    if (requirement.type == Requirement::Type::audit && !requirement.until) {
      remarks.push_back(requirement.pointer + ": without \"until\" this audit never refuses anything");
    }
    collect_endless(requirement.of, remarks);
  }
}

void collect_unsupported(const Requirements& requirements, std::vector<std::string>& remarks) {
  for (const Requirement& requirement : requirements) {
    if (requirement.type == Requirement::Type::unsupported) {
      remarks.push_back(requirement.pointer + ": " + requirement.type_name + " is not supported yet and never passes");
    }
    collect_unsupported(requirement.of, remarks);
  }
}

}  // namespace

/// Fills a Policy from the document. The only one who can.
class PolicyReader {
 public:
  PolicyReader(Policy& policy, const Policy::ReadFile& read_file) : policy_(policy), read_file_(read_file) {}

  void read(const json::Value& document) {
    const json::Object& top = object_in(document);
    if (top.find("hallmark") != nullptr) {
      read_native(top);
    } else {
      read_containers(top);
    }
    remark();
  }

 private:
  void read_containers(const json::Object& top) {
    policy_.dialect_ = PolicyDialect::containers;
    top.allow_only({"default", "transports"});
    const json::Value* fallback = top.find("default");
    if (fallback == nullptr) fail(Fault::usage, "Default policy is missing");
    policy_.default_ = read_containers_requirements(*fallback, "/default");
    const json::Value* transports = top.find("transports");
    if (transports == nullptr) return;
    for (const auto& [transport, scopes] : object_in(*transports).members()) {
      const std::string pointer = member_of("/transports", transport);
      Policy::Scopes& read = policy_.transports_[transport];
      for (const auto& [scope, list] : object_in(scopes).members()) {
        if (!scope_fault(transport, scope).empty()) fail(Fault::usage, "Unknown key ", shown(scope));
        read.emplace(scope, read_containers_requirements(list, member_of(pointer, scope)));
      }
    }
  }

  void read_native(const json::Object& top) {
    policy_.dialect_ = PolicyDialect::native;
    at_pointer("/hallmark", [&] {
      if (top.at("hallmark").integer() != 1) {
        fail(Fault::usage, "version 1 is the one this program knows, found ", top.at("hallmark").integer());
      }
    });
    if (top.find("limits") != nullptr) not_supported_yet(shown("limits"));
    at_pointer("", [&] {
      top.allow_only({"hallmark", "metadata", "stores", "default", "transports", "freshness", "exceptions",
                      "breakGlass", "audit"});
    });
    if (const json::Value* metadata = top.find("metadata")) {
      at_pointer("/metadata", [&] { read_metadata(metadata->object()); });
    }
    if (const json::Value* stores = top.find("stores")) {
      policy_.stores_ = read_stores(*stores, read_file_);
      policy_.keys_ = read_keys(*stores, read_file_);
    }
    if (const json::Value* freshness = top.find("freshness")) {
      at_pointer("/freshness", [&] { policy_.freshness_ = read_freshness(freshness->object(), policy_.keys_); });
    }
    policy_.default_ = read_native_requirements(
        at_pointer("", [&]() -> const json::Value& { return top.at("default"); }), "/default", policy_.stores_);
    if (accepts_anything(policy_.default_)) {
      throw Error(Fault::usage, "/default: it accepts every image that no scope names",
                  "write [{\"type\": \"reject\"}] there, and a scope for what may be accepted");
    }
    if (const json::Value* transports = top.find("transports")) read_native_transports(*transports);
    if (const json::Value* exceptions = top.find("exceptions")) policy_.exceptions_ = read_exceptions(*exceptions);
    if (const json::Value* rule = top.find("breakGlass")) {
      at_pointer("/breakGlass", [&] { policy_.break_glass_ = read_break_glass(*rule); });
    }
    if (const json::Value* audit = top.find("audit")) {
      at_pointer("/audit", [&] { policy_.audit_ = read_audit(*audit); });
    }
  }

  void read_metadata(const json::Object& metadata) {
    metadata.allow_only({"name", "serial", "expires", "comment"});
    if (const json::Value* name = metadata.find("name")) {
      policy_.name_ = name->string();
      if (policy_.name_.empty()) fail(Fault::usage, "name must not be empty");
      if (policy_.name_.size() > kLongestName) fail(Fault::usage, "name must have at most ", kLongestName, " bytes");
    }
    if (const json::Value* serial = metadata.find("serial")) {
      policy_.serial_ = serial->integer();
      if (*policy_.serial_ < 0) fail(Fault::usage, "serial must not be negative, found ", *policy_.serial_);
    }
    if (const json::Value* expires = metadata.find("expires")) {
      policy_.expires_ = parse_time(expires->string());
      if (to_text(*policy_.expires_) != expires->string()) {
        fail(Fault::usage, "expires is written like 2027-06-30T00:00:00Z, found ", shown(expires->string()));
      }
    }
    if (const json::Value* comment = metadata.find("comment")) static_cast<void>(comment->string());
  }

  void read_native_transports(const json::Value& transports) {
    for (const auto& [transport, scopes] :
         at_pointer("/transports", [&]() -> const json::Object& { return transports.object(); }).members()) {
      const std::string pointer = member_of("/transports", transport);
      Policy::Scopes& read = policy_.transports_[transport];
      if (!is_known_transport(transport)) fail(Fault::usage, "/transports: Unknown key ", shown(transport));
      const json::Value& value = scopes;
      for (const auto& [scope, list] :
           at_pointer(pointer, [&]() -> const json::Object& { return value.object(); }).members()) {
        if (const std::string fault = strict_scope_fault(transport, scope); !fault.empty()) {
          fail(Fault::usage, printable(pointer, 300), ": scope ", shown(scope), " matches nothing: ", fault);
        }
        read.emplace(scope, read_native_requirements(list, member_of(pointer, scope), policy_.stores_));
      }
    }
  }

  void remark() {
    remark_open_lists();
    std::set<std::string> used;
    collect_stores(policy_.default_, used);
    collect_unsupported(policy_.default_, policy_.remarks_);
    collect_endless(policy_.default_, policy_.remarks_);
    for (const auto& [transport, scopes] : policy_.transports_) {
      remark_transport(transport, scopes);
      for (const auto& [scope, requirements] : scopes) {
        collect_stores(requirements, used);
        collect_unsupported(requirements, policy_.remarks_);
        collect_endless(requirements, policy_.remarks_);
      }
    }
    remark_waivers();
    remark_wide_pins();
    if (policy_.freshness_) used.insert(policy_.freshness_->signers.begin(), policy_.freshness_->signers.end());
    for (const auto& [name, key] : policy_.keys_) {
      if (!used.contains(name)) policy_.remarks_.push_back("/stores/" + name + ": \"bundleSigners\" does not name it");
    }
    for (const auto& [name, store] : policy_.stores_) {
      if (!used.contains(name)) policy_.remarks_.push_back("/stores/" + name + ": no requirement uses it");
    }
  }

  void remark_waivers() {
    const BreakGlass& rule = policy_.break_glass_;
    if (rule.is_allowed && rule.waivable.empty()) {
      policy_.remarks_.emplace_back("/breakGlass: without \"waivable\" it waives nothing");
    } else if (rule.is_allowed && !rule.audit && !policy_.audit_.file) {
      policy_.remarks_.emplace_back("/breakGlass: no file is named for its record, so it waives nothing");
    }
  }

  /// Trust data say nowhere whose they are but in the root certificate.
  void remark_wide_pins() {
    for (const auto& [name, store] : policy_.stores_) {
      for (std::size_t number = 0; number < store.pins.size(); ++number) {
        const TrustStore::Pin& pin = store.pins[number];
        const bool is_accepted = pin.anchor.wildcards == tuf::Wildcards::accepted;
        if (!is_accepted && !pin.gun.ends_with("/*")) continue;
        policy_.remarks_.push_back(
            item_of("/stores/" + name + "/pins", number) + ": \"" + pin.gun + "\": root certificates for several " +
            "repositories, as \"" + pin.gun.substr(0, pin.gun.rfind('/')) + "/*\", are " +
            (is_accepted ? "accepted: what was signed for one of them passes for all that the pin names"
                         : "refused; each repository needs one of its own among the pinned"));
      }
    }
  }

  void remark_open_lists() {
    if (accepts_anything(policy_.default_)) {
      policy_.remarks_.emplace_back("/default: every image that no scope names is accepted unverified");
    }
    const auto docker = policy_.transports_.find("docker");
    if (docker == policy_.transports_.end()) return;
    const auto open = docker->second.find("");
    if (open != docker->second.end() && accepts_anything(open->second)) {
      policy_.remarks_.emplace_back(
          "/transports/docker/: every image that no other scope names is accepted unverified");
    }
  }

  void remark_transport(const std::string& transport, const Policy::Scopes& scopes) {
    std::vector<std::string>& remarks = policy_.remarks_;
    const std::string pointer = printable(member_of("/transports", transport), 300);
    if (!is_known_transport(transport)) {
      remarks.push_back(pointer + ": there is no transport of this name; nothing in it ever applies");
      return;
    }
    if (transport != "docker") {
      remarks.push_back(pointer + ": no command of this version takes images from there");
      return;
    }
    for (const auto& [scope, requirements] : scopes) {
      if (const std::string fault = strict_scope_fault(transport, scope); !fault.empty()) {
        std::string text = pointer;
        text += ": scope " + shown(scope) + " may match nothing: " + fault;
        remarks.push_back(std::move(text));
        continue;
      }
      for (const std::string& wider : namespaces(scope)) {
        if (wider == scope || !scopes.contains(wider)) continue;
        std::string text = pointer;
        text += ": the requirements of " + shown(wider) + " do not hold inside " + shown(scope);
        remarks.push_back(std::move(text));
      }
    }
  }

  Policy& policy_;
  const Policy::ReadFile& read_file_;
};

Policy Policy::parse(const std::string& path, ByteView bytes, const ReadFile& read_file) {
  Policy policy(path, Digest::of(bytes));
  try {
    PolicyReader(policy, read_file).read(parse_document(bytes));
  } catch (const Error& error) {
    if (error.fault() == Fault::local)
      throw Error(Fault::local, "policy " + shown(path) + ": " + error.what(), error.hint());
    throw Error(Fault::usage, "invalid policy in " + shown(path) + ": " + error.what(), error.hint());
  }
  return policy;
}

std::string Policy::repository(const Reference& name) const {
  return dialect_ == PolicyDialect::native ? name.gun() : name.repository();
}

Match Policy::match(const Reference& name) const {
  if (dialect_ == PolicyDialect::containers && name.tag() && name.digest()) {
    throw Error(Fault::usage, "Docker references with both a tag and digest are currently not supported",
                "ask for NAME@DIGEST, or write the policy in the native dialect");
  }
  Match match;
  match.requirements = &default_;
  const auto docker = transports_.find("docker");
  if (docker == transports_.end()) return match;
  for (std::string& key : lookup_keys(repository(name), name)) {
    const auto scope = docker->second.find(key);
    match.tried.push_back(key);
    if (scope == docker->second.end()) continue;
    match.transport = "docker";
    match.scope = std::move(key);
    match.requirements = &scope->second;
    return match;
  }
  return match;
}

}  // namespace hallmark::policy
