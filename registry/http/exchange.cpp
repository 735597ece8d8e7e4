// SPDX-License-Identifier: Apache-2.0
#include "registry/http/exchange.h"

namespace hallmark::registry {

std::string_view method_name(Method method) {
  switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::remove: return "DELETE";
  }
  return "GET";
}

}  // namespace hallmark::registry
