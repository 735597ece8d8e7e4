// SPDX-License-Identifier: Apache-2.0
//
// A Notary server as a place where trust documents come from and go to.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "registry/settings.h"
#include "registry/trust_server.h"
#include "trust/reference.h"

namespace hallmark::registry {

/// The trust server for a repository: `configured` (DOCKER_CONTENT_TRUST_SERVER or the policy's) if it is not empty,
/// else notary.docker.io for Docker Hub, else the registry itself. Neither https nor a directory ("file:///path") is
/// Fault::usage.
std::string trust_server_for(const Reference& name, const std::string& configured);

/// The trust data of one repository there. Not for several threads at once: the time of a question is counted here.
class NotaryServer final : public TrustServer {
 public:
  void begin_question() override;
  /// To read from. Credentials are those stored for the registry of `name`. TLS is always verified.
  NotaryServer(const Settings& settings, const Reference& name, const std::string& gun, const std::string& server,
               const std::optional<std::string>& ca_file);
  NotaryServer(const Settings& settings, const Reference& name, const std::string& gun, const std::string& server,
               const std::optional<std::string>& ca_file, TrustAccess access);
  ~NotaryServer() override;
  NotaryServer(const NotaryServer&) = delete;
  NotaryServer& operator=(const NotaryServer&) = delete;

  tuf::MetadataReply fetch(const tuf::MetadataFile& wanted) override;
  Publication publish(const std::map<std::string, Bytes>& files) override;
  tuf::MetadataReply server_key(const std::string& role) override;
  tuf::MetadataReply new_server_key(const std::string& role) override;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace hallmark::registry
