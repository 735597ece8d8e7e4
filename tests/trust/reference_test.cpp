// SPDX-License-Identifier: Apache-2.0
#include "trust/reference.h"

#include <fstream>
#include <iterator>

#include "tests/support/catch.h"
#include "trust/json.h"

using namespace hallmark;

namespace {

std::string optional_member(const json::Object& row, const char* name) {
  const json::Value* value = row.find(name);
  return value == nullptr ? std::string() : value->string();
}

}  // namespace

TEST_CASE("references are read as docker reads them", "[trust]") {
  std::ifstream file(HALLMARK_VECTORS "/references.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const json::Value rows = json::parse("references.json", view_of(text));
  REQUIRE(rows.array().size() >= 40);
  for (const json::Value& value : rows.array()) {
    const json::Object& row = value.object();
    const std::string& input = row.at("in").string();
    INFO(input);
    if (row.find("error") != nullptr) {
      REQUIRE_FAULT(Reference::parse(input), Fault::usage);
      const std::string wanted = row.at("error").string();
      if (wanted.starts_with("invalid") && wanted.find("\xe2\x80\xa6") == std::string::npos) {
        REQUIRE(test::message_of([&] { Reference::parse(input); }).find(wanted) != std::string::npos);
      }
      continue;
    }
    const Reference reference = Reference::parse(input);
    REQUIRE(reference.domain() == row.at("domain").string());
    REQUIRE(reference.path() == row.at("path").string());
    REQUIRE(reference.tag().value_or("") == optional_member(row, "tag"));
    REQUIRE((reference.digest() ? reference.digest()->to_string() : "") == optional_member(row, "digest"));
    if (row.find("familiar") != nullptr) REQUIRE(reference.familiar() == row.at("familiar").string());
    REQUIRE(Reference::parse(reference.to_string()) == reference);
  }
}

TEST_CASE("another spelling of Docker Hub is the same name", "[trust]") {
  for (const char* text : {"registry-1.docker.io/library/debian:12", "REGISTRY-1.docker.io:443/debian:12",
                           "registry.hub.docker.com/library/debian:12", "docker.io:443/debian:12"}) {
    INFO(text);
    REQUIRE(Reference::parse(text) == Reference::parse("debian:12"));
  }
}

TEST_CASE("trust data know a repository by one spelling of its host", "[trust]") {
  CHECK(Reference::parse("LocalHost:5000/a/b:1").gun() == "localhost:5000/a/b");
  CHECK(Reference::parse("REG.example:443/app@sha256:" + std::string(64, 'a')).gun() == "reg.example/app");
  CHECK(Reference::parse("reg.example:4430/app").gun() == "reg.example:4430/app");
  CHECK(Reference::parse("debian").gun() == "docker.io/library/debian");
}

TEST_CASE("the short form of a name is read as the same name", "[trust]") {
  const std::string hex(64, 'a');
  for (const std::string& text : {std::string("docker.io/quay.io/app:1"), std::string("docker.io/localhost/app:1"),
                                  "docker.io/library/" + hex + ":1", "docker.io/library/sha256:" + hex,
                                  std::string("docker.io/docker.io/x:1"), std::string("docker.io/library/debian:1")}) {
    INFO(text);
    const Reference name = Reference::parse(text);
    CHECK(Reference::parse(name.familiar()) == name);
  }
}

TEST_CASE("names that cannot be hosts, tags or digests are refused", "[trust]") {
  const std::string hex(64, 'a');
  for (const std::string& text :
       {std::string("a_b.com/x"), "sha256:" + hex, std::string("a/b:") + std::string(129, 't'),
        "r.io/" + std::string(256, 'a'), std::string("r.io:/a"), std::string("r.io:0443/a"),
        std::string("r.io:99999999/a"), std::string("-r.io/a"), std::string("r..io/a"), std::string("[::1/a"),
        std::string("a:b:c"), std::string("a@sha256:") + hex + "@sha256:" + hex, std::string("a\nb"),
        std::string("localhost:5000/"), std::string("LOCALHOST/")}) {
    INFO(text);
    REQUIRE_FAULT(Reference::parse(text), Fault::usage);
  }
}
