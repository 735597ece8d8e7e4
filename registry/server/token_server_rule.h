// SPDX-License-Identifier: Apache-2.0
//
// Which token server may get the credentials of a registry. The address of it comes from an answer, so it is
// remembered: another one than before is told before anything goes there, and refused where nobody would read that.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "registry/config/credentials.h"
#include "registry/http/url.h"
#include "registry/server/token_server_memory.h"
#include "registry/settings.h"

namespace hallmark::registry {

/// "registry.example=https://auth.example", as people name the token server of a registry. Of the address, scheme, host
/// and port count. Fault::usage for anything else.
NamedTokenServer parse_named_token_server(std::string_view text);

/// Who asks for what to go where.
struct Demand {
  std::string domain;  ///< whose credentials
  Url asker;           ///< the registry or trust server
  Url realm;           ///< the server itself, for a password that it asks for itself
  bool logs_in;        ///< somebody gives the credentials right now, for this registry
};

enum class Answer {
  yes,           ///< the registry itself from the first, one that is named, or one that got them before
  yes_and_tell,  ///< the first one, and near the registry or met while somebody logs in
  ask,           ///< another one than before, or a first one that has nothing to do with the registry
  no             ///< somebody named the token servers of this registry, and this is none of them
};
/// `sent`: all that is remembered.
Answer answer_to(const Demand& demand, const std::vector<NamedTokenServer>& named, const std::vector<Sent>& sent);

/// Before credentials go out: returns when they may, after what is to be told was told. Fault::unauthorized when they
/// may not; what TokenServerMemory throws when it cannot be read. Then it is remembered.
void admit_token_server(const Settings& settings, const Demand& demand, const Credentials& credentials);

}  // namespace hallmark::registry
