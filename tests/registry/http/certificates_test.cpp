// SPDX-License-Identifier: Apache-2.0
#include "registry/http/certificates.h"

#include "tests/registry/world.h"
#include "tests/support/catch.h"

using namespace hallmark;
using registry::Certificates;
using test::Folder;

namespace {

std::string pem(const std::string& name) {
  return "-----BEGIN CERTIFICATE-----\n" + name + "\n-----END CERTIFICATE-----\n";
}

}  // namespace

TEST_CASE("all *.crt of the host's folder are authorities, other names are not", "[registry]") {
  const Folder folder;
  folder.write("h:5000/b.crt", pem("B"));
  folder.write("h:5000/a.crt", pem("A"));
  folder.write("h:5000/readme.txt", "x");
  folder.write("other/c.crt", pem("C"));
  const Certificates certificates({folder.path()}, "h:5000", {});
  CHECK(certificates.for_host("h:5000").authorities == pem("A") + pem("B"));
  CHECK(certificates.for_host("h:5000").client_certificate.empty());
  CHECK(certificates.place_for("x:1") == (folder.path() / "x:1/ca.crt").string());
}

TEST_CASE("the first root with files for the host counts", "[registry]") {
  const Folder one;
  const Folder two;
  std::filesystem::create_directories(one.path() / "h");
  two.write("h/a.crt", pem("TWO"));
  one.write("g/a.crt", pem("ONE"));
  two.write("g/a.crt", pem("TWO"));
  const Certificates certificates({one.path(), two.path()}, "", {});
  CHECK(certificates.for_host("h").authorities == pem("TWO"));
  CHECK(certificates.for_host("g").authorities == pem("ONE"));
  CHECK(certificates.for_host("absent").authorities.empty());
}

TEST_CASE("hosts reached from the registry are held to its authorities too, not to its client certificate",
          "[registry]") {
  const Folder folder;
  folder.write("home/a.crt", pem("HOME"));
  folder.write("home/me.cert", "x");
  folder.write("home/me.key", "x");
  folder.write("cdn/a.crt", pem("CDN"));
  const auto extra = folder.write("extra.pem", pem("EXTRA"));
  const Certificates certificates({folder.path()}, "home", {extra});
  CHECK(certificates.for_host("cdn").authorities == pem("CDN") + pem("HOME") + pem("EXTRA"));
  CHECK(certificates.for_host("cdn").client_certificate.empty());
  CHECK(certificates.for_host("home").authorities == pem("HOME") + pem("EXTRA"));
  CHECK(certificates.for_host("home").client_certificate == folder.path() / "home/me.cert");
  CHECK(certificates.for_host("home").client_key == folder.path() / "home/me.key");
}

TEST_CASE("a host's folder is found as the reference spells it", "[registry]") {
  const Folder folder;
  folder.write("Home.Example:443/a.crt", pem("HOME"));
  const Certificates certificates({folder.path()}, "Home.Example:443", {});
  CHECK(certificates.for_host("home.example").authorities == pem("HOME"));
}

TEST_CASE("a client certificate without its key, or the reverse, is an error", "[registry]") {
  const Folder folder;
  folder.write("a/client.cert", "x");
  folder.write("b/client.key", "x");
  const Certificates certificates({folder.path()}, "", {});
  REQUIRE_FAULT(certificates.for_host("a"), Fault::usage);
  REQUIRE_FAULT(certificates.for_host("b"), Fault::usage);
}

TEST_CASE("an authority that is no PEM certificate is an error", "[registry]") {
  const Folder folder;
  folder.write("h/a.crt", "not PEM");
  const Certificates certificates({folder.path()}, "", {});
  REQUIRE_FAULT(certificates.for_host("h"), Fault::usage);
  REQUIRE_FAULT(Certificates({}, "", {folder.path() / "h/a.crt"}), Fault::usage);
  REQUIRE_FAULT(Certificates({}, "", {folder.path() / "absent.crt"}), Fault::local);
}

TEST_CASE("a host's name cannot lead out of the folder", "[registry]") {
  const Folder folder;
  folder.write("evil.crt", pem("EVIL"));
  std::filesystem::create_directories(folder.path() / "root");
  const Certificates certificates({folder.path() / "root"}, "", {});
  CHECK(certificates.for_host("..").authorities.empty());
  CHECK(certificates.for_host(".").authorities.empty());
  CHECK(certificates.for_host("").authorities.empty());
  CHECK(certificates.for_host("../root/..").authorities.empty());
}
