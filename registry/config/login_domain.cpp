// SPDX-License-Identifier: Apache-2.0
#include "registry/config/login_domain.h"

#include "registry/http/headers.h"
#include "registry/http/url.h"
#include "trust/error.h"
#include "trust/reference.h"
#include "trust/text.h"

namespace hallmark::registry {

std::string login_domain(const std::string& typed) {
  std::string host = typed;
  for (const std::string scheme : {"https://", "http://"}) {
    if (host.starts_with(scheme)) host.erase(0, scheme.size());
  }
  host = host.substr(0, host.find('/'));
  // Several names of one registry, whose credentials are filed under one.
  if (host == "index.docker.io" || host == "registry-1.docker.io") return "docker.io";
  try {
    Reference name = Reference::parse(host + "/x");
    // "a" is a name at Docker Hub and no host; whoever logs in means a host.
    if (name.domain() == host || name.domain() == lower_case(host)) return name.domain();
    static_cast<void>(Url::parse("https://" + host));
    return host;
  } catch (const Error&) {
    throw Error(Fault::usage, "\"" + printable(typed, 200) + "\" is no registry", "name it as HOST[:PORT]");
  }
}

}  // namespace hallmark::registry
