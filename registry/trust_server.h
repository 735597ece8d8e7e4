// SPDX-License-Identifier: Apache-2.0
//
// Where trust data of one repository is read and published: a Notary server or a directory.
#pragma once

#include <map>
#include <string>

#include "trust/bytes.h"
#include "trust/error.h"
#include "trust/tuf/update.h"

namespace hallmark::registry {

/// What one is going to do there, and asks the right for. Only administering makes new keys.
enum class TrustAccess { read, publish, administer };

/// What became of something that was sent. What the other side says is a value, not an Error.
struct Publication {
  enum class Kind {
    accepted,
    conflict,    ///< somebody else published meanwhile: read again, apply again
    refused,     ///< it was looked at and not taken; the same again would not be either
    unreachable  ///< network, rights, a failing server: whether it was taken is not known before it is read again
  };
  Kind kind;
  Fault fault = Fault::unavailable;  ///< for `refused` and `unreachable`: what the command should exit with
  std::string detail;                ///< for all but `accepted`: one line for people
  std::string hint = {};             ///< what to do about it, where the server's place knows more than the publisher
};

/// The trust data of one repository. What the other side does, or fails to do, is a value: the rules of trust decide
/// what follows from it. A wish to stop is thrown (Fault::interrupted).
class TrustServer : public tuf::MetadataSource {
 public:
  /// All documents of one question have a time together, which begins now.
  virtual void begin_question() = 0;
  /// The changed documents by role ("root", "targets/releases"), all or none of them. Never sent twice.
  virtual Publication publish(const std::map<std::string, Bytes>& files) = 0;
  /// The public key by which the server signs "timestamp" or "snapshot": one key object of a root, made when there is
  /// none yet. A directory has no keys: `rejected`.
  virtual tuf::MetadataReply server_key(const std::string& role) = 0;
  /// Has it make a new one, which counts when a root names it.
  virtual tuf::MetadataReply new_server_key(const std::string& role) = 0;
};

}  // namespace hallmark::registry
