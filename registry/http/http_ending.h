// SPDX-License-Identifier: Apache-2.0
//
// Whether a transfer came to an answer: the one place that decides it, for documents, lists, blobs and heads alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "registry/http/exchange.h"

namespace hallmark::registry {

/// How a transfer went.
struct Course {
  Head head{};                 ///< as far as it came
  bool has_head = false;       ///< all of it
  bool stopped = false;        ///< by the receiver
  std::string fault{};         ///< why it was ended here; empty: it was not
  std::uint64_t received = 0;  ///< bytes of the body that went to the receiver
  bool has_more = false;       ///< bytes came with it that do not belong to it
  bool was_closed = false;     ///< the other side said in TLS that nothing follows
};

/// What headers contradict each other about, or leave unclear, of where the answer ends; empty: they are clear.
/// Asked before the receiver sees the head, so that nothing of such an answer reaches anybody.
std::string unclear_end(const Headers& headers);

/// What came of it, when the transfer library has no complaint.
Exchange ended(const Request& request, Course&& course);

}  // namespace hallmark::registry
