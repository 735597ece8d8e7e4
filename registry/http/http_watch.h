// SPDX-License-Identifier: Apache-2.0
//
// What the transfer library sees and takes no offence at: bytes after the end of an answer, and a connection without
// TLS's own end.
#pragma once

#include "registry/http/http_ending.h"

namespace hallmark::registry {

/// Notes `has_more` and `was_closed` of a transfer as long as this lives.
class HttpWatch {
 public:
  /// `handle` is the library's. Both must outlive this.
  HttpWatch(void* handle, Course& course);
  ~HttpWatch();
  HttpWatch(const HttpWatch&) = delete;
  HttpWatch& operator=(const HttpWatch&) = delete;

 private:
  void* handle_;
};

}  // namespace hallmark::registry
