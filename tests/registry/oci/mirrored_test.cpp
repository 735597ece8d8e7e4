// SPDX-License-Identifier: Apache-2.0
//
// What is asked of mirrors, in which order, and what becomes of their failures.
#include "registry/oci/mirrored.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "trust/bytes.h"
#include "trust/error.h"

using namespace hallmark;
using registry::MirroredRepository;
using registry::Repository;

namespace {

constexpr std::uint64_t kLargeConfig = store::kMostConfigBytes + 1;

struct Behaviour {
  std::string bytes;                      // what it gives, whatever is asked for
  std::size_t before_failure = SIZE_MAX;  // so many of them
  Fault fault = Fault::unavailable;
};

/// A repository that behaves as told, and writes down what it was asked.
class TellingRepository final : public Repository {
 public:
  TellingRepository(std::string name, const Behaviour& behaviour, std::string& asked)
      : name_(std::move(name)), behaviour_(behaviour), asked_(asked) {}

  store::Document manifest(const std::string& tag) override { return given("tag " + tag); }
  store::Document manifest(const Digest& digest, std::optional<std::uint64_t> /*size*/) override {
    store::Document document = given("manifest");
    if (document.descriptor.digest != digest) fail(Fault::corrupt, "another digest");
    return document;
  }
  std::vector<std::string> tags() override { return note("tags"), std::vector<std::string>{name_}; }
  std::vector<store::Descriptor> referrers(const Digest& /*subject*/) override {
    note("referrers");
    return {};
  }
  void fetch(const store::Descriptor& /*blob*/, ByteSink& out) override {
    note("blob");
    const ByteView bytes = view_of(behaviour_.bytes);
    out.write(bytes.first(std::min(bytes.size(), behaviour_.before_failure)));
    if (behaviour_.before_failure < bytes.size()) fail(behaviour_.fault, name_, " fails");
  }
  bool has_blob(const store::Descriptor& /*blob*/) override { return note("has"), true; }
  bool has_manifest(const Digest& /*digest*/) override { return note("has"), true; }
  registry::Delivery put_blob(const store::Descriptor& /*blob*/, store::BlobReader& /*bytes*/,
                              const std::optional<std::string>& /*mount_from*/) override {
    return note("put"), registry::Delivery::sent;
  }
  void put_manifest(const store::Document& /*document*/) override { note("put"); }
  void put_manifest(const store::Document& /*document*/, const std::string& /*tag*/) override { note("put"); }

 private:
  void note(const std::string& what) { asked_ += name_ + ":" + what + " "; }
  store::Document given(const std::string& what) {
    note(what);
    if (behaviour_.before_failure == 0) fail(behaviour_.fault, name_, " fails");
    const ByteView bytes = view_of(behaviour_.bytes);
    return {{"type", Digest::of(bytes), bytes.size(), std::nullopt, {}}, Bytes(bytes.begin(), bytes.end())};
  }

  std::string name_;
  const Behaviour& behaviour_;
  std::string& asked_;
};

class Text final : public ByteSink {
 public:
  void write(ByteView piece) override { text += string_of(Bytes(piece.begin(), piece.end())); }
  std::string text;
};

/// Two mirrors, a and b, and the repository itself, c.
struct MirrorScene {
  explicit MirrorScene(std::string content) : truth(std::move(content)), a{truth}, b{truth}, c{truth} {}

  MirroredRepository repository() {
    std::vector<MirroredRepository::Mirror> mirrors;
    mirrors.push_back({"a.example/p", std::make_unique<TellingRepository>("a", a, asked)});
    mirrors.push_back({"b.example/p", std::make_unique<TellingRepository>("b", b, asked)});
    return {std::make_unique<TellingRepository>("c", c, asked),
            std::move(mirrors),
            [this](const std::string& line) { notices.push_back(line); },
            {}};
  }
  [[nodiscard]] store::Descriptor blob() const {
    return {"type", Digest::of(view_of(truth)), truth.size(), std::nullopt, {}};
  }

  std::string truth;
  Behaviour a, b, c;
  std::string asked{};
  std::vector<std::string> notices{};
};

std::string large(char filler) { return std::string(kLargeConfig, filler); }

}  // namespace

TEST_CASE("only what has a digest is asked of a mirror", "[registry][mirrors]") {
  MirrorScene scene("x");
  MirroredRepository repository = scene.repository();
  store::BytesReader reader(view_of(scene.truth));
  CHECK(repository.tags() == std::vector<std::string>{"c"});
  static_cast<void>(repository.manifest("1"));
  static_cast<void>(repository.referrers(scene.blob().digest));
  static_cast<void>(repository.has_blob(scene.blob()));
  static_cast<void>(repository.has_manifest(scene.blob().digest));
  static_cast<void>(repository.put_blob(scene.blob(), reader, std::nullopt));
  const store::Document document{scene.blob(), {}};
  repository.put_manifest(document);
  repository.put_manifest(document, "1");
  CHECK(scene.asked == "c:tags c:tag 1 c:referrers c:has c:has c:put c:put c:put ");
  scene.asked.clear();
  Text text;
  repository.fetch(scene.blob(), text);
  static_cast<void>(repository.manifest(scene.blob().digest, 1));
  CHECK(scene.asked == "a:blob a:manifest ");
  CHECK(text.text == "x");
}

TEST_CASE("why no mirror serves the tag is said where the registry cannot be asked", "[registry][mirrors]") {
  MirrorScene scene("x");
  scene.c.before_failure = 0;
  MirroredRepository repository = scene.repository();
  try {
    static_cast<void>(repository.manifest("1"));
    FAIL("the mirror was asked");
  } catch (const Error& error) {
    CHECK(error.hint().find("mirror a.example/p was not asked") != std::string::npos);
    CHECK(error.hint().find("location = \"a.example\"") != std::string::npos);
  }
}

TEST_CASE("a mirror that has it not is asked for the next thing, one that fails is not", "[registry][mirrors]") {
  MirrorScene scene("x");
  scene.a.before_failure = 0;
  scene.a.fault = GENERATE(Fault::missing, Fault::unavailable, Fault::unauthorized, Fault::corrupt);
  MirroredRepository repository = scene.repository();
  Text text;
  repository.fetch(scene.blob(), text);
  repository.fetch(scene.blob(), text);
  CHECK(text.text == "xx");
  const bool is_missing = scene.a.fault == Fault::missing;
  CHECK(scene.asked == (is_missing ? "a:blob b:blob a:blob b:blob " : "a:blob b:blob b:blob "));
  CHECK(scene.notices.size() == (is_missing ? 0U : 1U));
}

TEST_CASE("what is not a mirror's doing ends it", "[registry][mirrors]") {
  MirrorScene scene("x");
  scene.a.before_failure = 0;
  scene.a.fault = GENERATE(Fault::interrupted, Fault::local, Fault::usage);
  MirroredRepository repository = scene.repository();
  Text text;
  REQUIRE_FAULT(repository.fetch(scene.blob(), text), scene.a.fault);
  REQUIRE_FAULT(repository.manifest(scene.blob().digest, 1), scene.a.fault);
  CHECK(scene.asked == "a:blob a:manifest ");
}

TEST_CASE("a lie about a manifest or a small blob is not passed on", "[registry][mirrors]") {
  MirrorScene scene("true");
  scene.a.bytes = GENERATE(as<std::string>{}, "lies", "true and more", "t", "");
  MirroredRepository repository = scene.repository();
  Text text;
  SECTION("a blob") {
    repository.fetch(scene.blob(), text);
    CHECK(text.text == "true");
    CHECK(scene.asked == "a:blob b:blob ");
    CHECK(repository.asks_elsewhere_after(scene.blob().digest));
  }
  SECTION("a manifest") {
    CHECK(string_of(repository.manifest(scene.blob().digest, 4).bytes) == "true");
    CHECK(scene.asked == "a:manifest b:manifest ");
  }
  REQUIRE(scene.notices.size() == 1 + (scene.asked.find("blob") != std::string::npos ? 1 : 0));
  CHECK(scene.notices[0].find("mirror a.example/p is not asked any more") == 0);
}

TEST_CASE("a large blob that breaks off goes on with the next one's bytes", "[registry][mirrors]") {
  MirrorScene scene(large('x'));
  scene.a.before_failure = 1000;
  scene.b.before_failure = 500;
  MirroredRepository repository = scene.repository();
  Text text;
  repository.fetch(scene.blob(), text);
  CHECK(text.text == scene.truth);
  CHECK(scene.asked == "a:blob b:blob c:blob ");
}

TEST_CASE("wrong bytes of a large blob are the first giver's fault, and it is asked no more", "[registry][mirrors]") {
  MirrorScene scene(large('x'));
  scene.a.bytes = scene.b.bytes = large('y');
  MirroredRepository repository = scene.repository();
  Text first;
  Text second;
  Text third;
  repository.fetch(scene.blob(), first);
  CHECK(first.text == large('y'));
  REQUIRE(repository.asks_elsewhere_after(scene.blob().digest));
  repository.fetch(scene.blob(), second);
  CHECK(second.text == large('y'));
  REQUIRE(repository.asks_elsewhere_after(scene.blob().digest));
  repository.fetch(scene.blob(), third);
  CHECK(third.text == scene.truth);
  CHECK(scene.asked == "a:blob b:blob c:blob ");
  CHECK_FALSE(repository.asks_elsewhere_after(scene.blob().digest));
  CHECK(scene.notices.size() == 2);
}

TEST_CASE("wrong bytes of the repository itself are nobody else's fault", "[registry][mirrors]") {
  MirrorScene scene("x");
  scene.a.before_failure = scene.b.before_failure = 0;
  scene.c.bytes = "y";
  MirroredRepository repository = scene.repository();
  Text text;
  repository.fetch(scene.blob(), text);
  CHECK(text.text == "y");
  CHECK_FALSE(repository.asks_elsewhere_after(scene.blob().digest));
}
