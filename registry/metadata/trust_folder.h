// SPDX-License-Identifier: Apache-2.0
//
// A directory in the place of a trust server: the same files under the same names,
// DIRECTORY/GUN/_trust/tuf/ROLE.json, ROLE.SHA256.json and N.root.json, fit to be copied and served as they are. It
// holds no keys: snapshot and timestamp come from the publisher with the rest.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "registry/trust_server.h"

namespace hallmark::registry {

/// No server looks at what is published here, so the publisher keeps the rules of one.
class TrustFolder final : public TrustServer {
 public:
  void begin_question() override {}
  /// Nothing is created before something is published. To a reader a folder that is not there is unreachable, a
  /// publisher begins it. Fault::usage for a repository name that is no path.
  TrustFolder(const std::filesystem::path& folder, const std::string& gun, TrustAccess access);

  tuf::MetadataReply fetch(const tuf::MetadataFile& wanted) override;
  /// Every document must be newer than what readers find there, or the very same; the timestamp and the snapshot must
  /// fit what will be there, and lead to it. The timestamp is written last, so that readers go from the old state to
  /// the new one; the first publication appears in one step. What a publication that was broken off left does not
  /// count.
  Publication publish(const std::map<std::string, Bytes>& files) override;
  tuf::MetadataReply server_key(const std::string& role) override;
  tuf::MetadataReply new_server_key(const std::string& role) override;

 private:
  [[nodiscard]] tuf::MetadataReply absent(const std::string& file) const;

  std::filesystem::path top_;
  std::filesystem::path folder_;  // ".../_trust"
  std::filesystem::path files_;   // ".../_trust/tuf"
  std::string gun_;
  TrustAccess access_;
};

}  // namespace hallmark::registry
