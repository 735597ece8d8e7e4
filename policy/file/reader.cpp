// SPDX-License-Identifier: Apache-2.0
#include "policy/file/reader.h"

#include "policy/file/containers.h"
#include "policy/file/freshness_reader.h"
#include "policy/file/native.h"
#include "policy/file/remarks.h"
#include "policy/file/waivers_reader.h"
#include "trust/json.h"
#include "trust/json_pointer.h"
#include "trust/quantity.h"
#include "trust/system/scope.h"
#include "trust/system/values.h"

namespace hallmark::policy {
namespace {

/// In bytes. Records and messages have the name.
constexpr std::size_t kLongestName = 200;
/// Those of docs/policy.md: 4 MiB and 64 levels.
constexpr json::Limits kLimits{std::size_t{4} << 20U, 64};

using trust::shown;

/// With the words of the format's own tools where they have some.
json::Value parse_document(ByteView bytes) {
  const std::string_view text = text_of(bytes);
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    fail(Fault::usage, "unexpected end of JSON input");
  }
  try {
    return json::parse("policy", bytes, kLimits);
  } catch (const json::DuplicateMember& duplicate) {
    // Readers differ about which of two members counts, so a person could read one rule and get the other.
    fail(Fault::usage, "Duplicate key ", shown(duplicate.member()));
  }
}

}  // namespace

/// Fills a Policy from the document. The only one who can.
class PolicyReader {
 public:
  PolicyReader(const std::string& path, ByteView bytes, const trust::ReadFile& read_file)
      // Of the bytes that are read here: the file may be another one by now.
      : policy_(path, Digest::of(bytes)), read_file_(read_file) {}

  Policy read(const json::Value& document) && {
    const json::Object& top = object_in(document);
    // Whatever its value is: no file is read by the rules of both.
    if (top.find("hallmark") != nullptr) {
      read_native(top);
    } else {
      read_containers(top);
    }
    policy_.remarks_ = remarks_on(policy_);
    return std::move(policy_);
  }

 private:
  void read_containers(const json::Object& top) {
    policy_.dialect_ = PolicyDialect::containers;
    // A native member in such a file would be a rule that nobody obeys.
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
        // Scopes of transports that nobody knows load, as with those tools. remarks_on() tells of them.
        if (!scope_fault(transport, scope).empty()) fail(Fault::usage, "Unknown key ", shown(scope));
        read.emplace(scope, read_containers_requirements(list, member_of(pointer, scope)));
      }
    }
  }

  void read_native(const json::Object& top) {
    policy_.dialect_ = PolicyDialect::native;
    at_pointer("/hallmark", [&] {
      // The same words may mean something else in another version.
      if (top.at("hallmark").integer() != 1) {
        fail(Fault::usage, "version 1 is the one this program knows, found ", top.at("hallmark").integer());
      }
    });
    // Before the unknown members, for it is known and not supported.
    if (top.find("limits") != nullptr) trust::not_supported_yet(shown("limits"));
    at_pointer("", [&] {
      top.allow_only({"hallmark", "metadata", "stores", "default", "transports", "freshness", "exceptions",
                      "breakGlass", "audit", "requirePublisher"});
    });
    if (const json::Value* metadata = top.find("metadata")) {
      at_pointer("/metadata", [&] { read_metadata(metadata->object()); });
    }
    if (const json::Value* required = top.find("requirePublisher")) {
      at_pointer("/requirePublisher", [&] { policy_.requires_publisher_ = required->boolean(); });
    }
    // Before all lists: requirements and freshness are held against the stores that they name.
    if (const json::Value* stores = top.find("stores")) {
      policy_.stores_ = read_stores(*stores, read_file_);
      policy_.keys_ = read_keys(*stores, read_file_);
    }
    if (const json::Value* freshness = top.find("freshness")) {
      at_pointer("/freshness", [&] { policy_.freshness_ = read_freshness(freshness->object(), policy_.keys_); });
    }
    policy_.default_ = read_native_requirements(
        at_pointer("", [&]() -> const json::Value& { return top.at("default"); }), "/default", policy_.stores_);
    // A scope that accepts everything was named by somebody. A default meets names that nobody thought of.
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
      // Serials rise from zero; what is below is a slip.
      if (*policy_.serial_ < 0) fail(Fault::usage, "serial must not be negative, found ", *policy_.serial_);
    }
    if (const json::Value* expires = metadata.find("expires")) {
      policy_.expires_ = within("expires", [&] { return parse_plain_time(expires->string()); });
    }
    // Held against its type and dropped.
    if (const json::Value* comment = metadata.find("comment")) static_cast<void>(comment->string());
  }

  void read_native_transports(const json::Value& transports) {
    for (const auto& [transport, scopes] :
         at_pointer("/transports", [&]() -> const json::Object& { return transports.object(); }).members()) {
      const std::string pointer = member_of("/transports", transport);
      Policy::Scopes& read = policy_.transports_[transport];
      // Nothing in it would ever apply. The other dialect takes it, as its tools do.
      if (!is_known_transport(transport)) {
        throw Error(Fault::usage, "/transports: Unknown key " + shown(transport),
                    "names of images stand under \"docker\"");
      }
      const json::Value& value = scopes;
      for (const auto& [scope, list] :
           at_pointer(pointer, [&]() -> const json::Object& { return value.object(); }).members()) {
        // The image that it was written for would fall under another list, unnoticed.
        if (const std::string fault = strict_scope_fault(transport, scope); !fault.empty()) {
          fail(Fault::usage, printable(pointer, 300), ": scope ", shown(scope), " matches nothing: ", fault);
        }
        read.emplace(scope, read_native_requirements(list, member_of(pointer, scope), policy_.stores_));
      }
    }
  }

  Policy policy_;
  const trust::ReadFile& read_file_;
};

Policy read_policy(const std::string& path, ByteView bytes, const trust::ReadFile& read_file) {
  try {
    return PolicyReader(path, bytes, read_file).read(parse_document(bytes));
  } catch (const Error& error) {
    // Nothing was found wrong with the policy: this machine could not read a file that it names.
    if (error.fault() == Fault::local)
      throw Error(Fault::local, "policy " + shown(path) + ": " + error.what(), error.hint());
    // Whoever reads this has to mend the file, be it its JSON or what it says.
    throw Error(Fault::usage, "invalid policy in " + shown(path) + ": " + error.what(), error.hint());
  }
}

}  // namespace hallmark::policy
