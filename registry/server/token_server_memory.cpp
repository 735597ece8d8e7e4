// SPDX-License-Identifier: Apache-2.0
#include "registry/server/token_server_memory.h"

#include <algorithm>

#include "store/disk/file.h"
#include "store/disk/owner.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::registry {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 20U;
constexpr std::int64_t kFormat = 1;
/// Of one asker; the oldest goes.
constexpr std::ptrdiff_t kMostServers = 16;
constexpr const char* kName = "token-servers.json";

std::vector<Sent> parse(ByteView bytes) {
  const json::Value value = json::parse(kName, bytes);
  const json::Object& object = value.object();
  object.allow_only({"hallmark-token-servers", "sent"});
  if (object.at("hallmark-token-servers").integer() != kFormat) {
    fail(Fault::corrupt, "written by another version of hallmark");
  }
  std::vector<Sent> all;
  for (const json::Value& item : object.at("sent").array()) {
    item.object().allow_only({"credentials", "asker", "server"});
    all.push_back({item.object().at("credentials").string(), item.object().at("asker").string(),
                   item.object().at("server").string()});
  }
  return all;
}

std::string to_text(const std::vector<Sent>& all) {
  json::Writer writer(1);
  writer.begin_object().key("hallmark-token-servers").integer(kFormat).key("sent").begin_array();
  for (const Sent& sent : all) {
    writer.begin_object().member("credentials", sent.domain).member("asker", sent.asker);
    writer.member("server", sent.origin).end_object();
  }
  return writer.end_array().end_object().text() + "\n";
}

void forget_oldest(std::vector<Sent>& all, const Sent& sent) {
  const auto is_alike = [&](const Sent& one) { return one.domain == sent.domain && one.asker == sent.asker; };
  if (std::count_if(all.begin(), all.end(), is_alike) < kMostServers) return;
  all.erase(std::find_if(all.begin(), all.end(), is_alike));
}

}  // namespace

TokenServerMemory::TokenServerMemory(const fs::path& docker_config) : file_(docker_config / "hallmark" / kName) {}

std::vector<Sent> TokenServerMemory::load() const {
  try {
    if (!store::status_of(file_)) {
      // Where others could take it away, that nothing is there does not say that there was nothing.
      store::require_own("the remembered token servers", file_);
      return {};
    }
    const auto bytes = store::read_file(file_, kMostBytes);
    if (!bytes) fail(Fault::corrupt, "it is no regular file");
    store::require_own_file("the remembered token servers", file_);
    return parse(*bytes);
  } catch (const Error& error) {
    throw Error(error.fault(), printable(file_.string(), 300) + ": " + error.what(),
                error.hint().empty()
                    ? "it says which token servers got passwords before; restore it, or remove it to begin anew"
                    : error.hint());
  }
}

void TokenServerMemory::add(const Sent& sent) const {
  store::make_private_directories(file_.parent_path());
  store::File lock = store::File::open_lock(file_.string() + ".lock");
  lock.lock();
  // Read again under the lock: what another process added since must stay.
  std::vector<Sent> all = load();
  if (std::find(all.begin(), all.end(), sent) != all.end()) return;
  forget_oldest(all, sent);
  all.push_back(sent);
  store::replace_file(file_, file_.string() + ".new", view_of(to_text(all)));
}

}  // namespace hallmark::registry
