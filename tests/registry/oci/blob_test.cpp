// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/blob.h"

#include <thread>

#include "registry/oci/client.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace hallmark;
using test::Asked;
using test::Kept;
using test::LoopbackServer;
using test::Told;
using test::World;

namespace {

std::string make_blob(std::size_t size) {
  std::string blob;
  for (std::size_t index = 0; index < size; ++index) blob += static_cast<char>('a' + index * 7 % 26);
  return blob;
}

const std::string kBlob = make_blob(100'000);

store::Descriptor descriptor(std::uint64_t size) {
  return store::Descriptor{"application/octet-stream", Digest::of(view_of(kBlob)), size, std::nullopt, {}};
}

std::string fetch(World& world, const LoopbackServer& server, std::uint64_t size = kBlob.size()) {
  registry::Client client(world.settings, Reference::parse(server.name() + "/lib/app:1"));
  Kept kept;
  client.fetch(descriptor(size), kept);
  return kept.text;
}

Told whole() {
  Told told;
  told.body = kBlob;
  return told;
}

/// The rest from the offset that was asked for.
Told rest(const Asked& asked) {
  const std::string range = asked.header("range");
  const std::size_t first = std::stoul(range.substr(range.find('=') + 1));
  Told told;
  told.status = 206;
  told.headers = {{"Content-Range", "bytes " + std::to_string(first) + "-" + std::to_string(kBlob.size() - 1) + "/" +
                                        std::to_string(kBlob.size())}};
  told.body = kBlob.substr(first);
  return told;
}

Told cut(Told told, std::size_t after) {
  told.cut_after = after;
  return told;
}

Told refusal(int status) {
  Told told;
  told.status = status;
  return told;
}

}  // namespace

TEST_CASE("Content-Range is read strictly", "[registry]") {
  const auto range = registry::parse_content_range("bytes 6-10/11");
  REQUIRE(range);
  CHECK(range->first == 6);
  CHECK(range->last == 10);
  CHECK(range->total == 11U);
  CHECK_FALSE(registry::parse_content_range("bytes 6-10/*")->total);
  for (const char* text : {"", "bytes", "bytes 6-10", "bytes 6-/11", "bytes -10/11", "bytes 10-6/11", "bytes 6-10/10",
                           "bytes 6-10/11x", "bytes 6-10/", "bytes */11", "6-10/11", "bytes  6-10/11",
                           "bytes 6-99999999999999999999/99999999999999999999"}) {
    CHECK_FALSE(registry::parse_content_range(text));
  }
}

TEST_CASE("a blob arrives whole", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked&) { return whole(); });
  CHECK(fetch(world, server) == kBlob);
  CHECK(server.asked()[0].target == "/v2/lib/app/blobs/" + Digest::of(view_of(kBlob)).to_string());
  CHECK_FALSE(server.asked()[0].has("range"));
}

TEST_CASE("an empty blob arrives", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked&) { return Told{}; });
  CHECK(fetch(world, server, 0).empty());
}

TEST_CASE("a cut body is resumed where it was cut, by a closed range", "[registry]") {
  World world;
  const LoopbackServer server(
      [](const Asked& asked) { return asked.has("range") ? rest(asked) : cut(whole(), 40'000); });
  CHECK(fetch(world, server) == kBlob);
  REQUIRE(server.asked().size() == 2);
  CHECK(server.asked()[1].header("range") == "bytes=40000-99999");
  CHECK(world.notices().size() == 1);
}

TEST_CASE("a body that ends early without a length is a cut as well", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked& asked) {
    if (asked.has("range")) return rest(asked);
    Told told = whole();
    told.without_length = true;
    told.body.resize(10'000);
    return told;
  });
  CHECK(fetch(world, server) == kBlob);
}

TEST_CASE("tries that get on are not counted, others are five", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked& asked) { return cut(asked.has("range") ? rest(asked) : whole(), 1000); });
  REQUIRE_FAULT(fetch(world, server), Fault::unavailable);
  CHECK(server.asked().size() == 5);

  const std::string large = make_blob(std::size_t{12} << 20U);
  const LoopbackServer steady([&](const Asked& asked) {
    const std::string range = asked.header("range");
    const std::size_t first = range.empty() ? 0 : std::stoul(range.substr(6));
    Told told;
    told.body = large.substr(first);
    if (first > 0) {
      told.status = 206;
      told.headers = {{"Content-Range", "bytes " + std::to_string(first) + "-" + std::to_string(large.size() - 1) +
                                            "/" + std::to_string(large.size())}};
    }
    return cut(told, std::size_t{3} << 19U);
  });
  CHECK(fetch(world, steady, large.size()) == large);
  CHECK(steady.asked().size() == 8);
}

TEST_CASE("a server without ranges sends all again, and what was there already is skipped, once", "[registry]") {
  World world;
  const int cuts = GENERATE(1, 2);
  std::atomic<int> count = 0;
  const LoopbackServer server([&](const Asked&) { return count++ < cuts ? cut(whole(), 40'000) : whole(); });
  if (cuts == 1) {
    CHECK(fetch(world, server) == kBlob);
  } else {
    REQUIRE_FAULT(fetch(world, server), Fault::unavailable);
  }
}

TEST_CASE("a server that refuses the range is asked for all", "[registry]") {
  World world;
  const int status = GENERATE(416, 501);
  std::atomic<int> count = 0;
  const LoopbackServer server([&](const Asked& asked) {
    if (asked.has("range")) return refusal(status);
    return count++ == 0 ? cut(whole(), 40'000) : whole();
  });
  CHECK(fetch(world, server) == kBlob);
  REQUIRE(server.asked().size() == 3);
  CHECK_FALSE(server.asked()[2].has("range"));
}

TEST_CASE("a part that is not the one asked for is refused", "[registry]") {
  World world;
  const std::string range = GENERATE(as<std::string>{}, "bytes 0-99999/100000", "bytes 40001-99999/100000",
                                     "bytes 40000-99998/100000", "bytes 40000-99999/100001", "nonsense", "");
  const LoopbackServer server([&](const Asked& asked) {
    if (!asked.has("range")) return cut(whole(), 40'000);
    Told told = rest(asked);
    told.headers.clear();
    if (!range.empty()) told.headers = {{"Content-Range", range}};
    return told;
  });
  REQUIRE_FAULT(fetch(world, server), Fault::corrupt);
}

TEST_CASE("a part that nobody asked for is refused", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked&) {
    Told told = whole();
    told.status = 206;
    told.headers = {{"Content-Range", "bytes 0-99999/100000"}};
    return told;
  });
  REQUIRE_FAULT(fetch(world, server), Fault::corrupt);
}

TEST_CASE("an announced length that is not the descriptor's is refused before a byte is taken", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked&) { return whole(); });
  const std::uint64_t size = GENERATE(std::uint64_t{99'999}, std::uint64_t{100'001}, std::uint64_t{0});
  registry::Client client(world.settings, Reference::parse(server.name() + "/lib/app:1"));
  Kept kept;
  REQUIRE_FAULT(client.fetch(descriptor(size), kept), Fault::corrupt);
  CHECK(kept.text.empty());
  const std::string message = test::message_of([&] { client.fetch(descriptor(size), kept); });
  CHECK(message.find("expected " + std::to_string(size) + " bytes") != std::string::npos);
  CHECK(message.find("100000") != std::string::npos);
}

TEST_CASE("no byte more than promised reaches the sink, however long the body is", "[registry]") {
  World world;
  Told told = whole();
  told.endless = GENERATE(true, false);
  told.without_length = !told.endless;
  told.body += "x";
  const LoopbackServer server([&](const Asked&) { return told; });
  registry::Client client(world.settings, Reference::parse(server.name() + "/lib/app:1"));
  Kept kept;
  REQUIRE_FAULT(client.fetch(descriptor(kBlob.size()), kept), Fault::corrupt);
  CHECK(kept.text.size() <= kBlob.size());
  CHECK(server.asked().size() == 1);
}

TEST_CASE("what the sink throws ends the transfer and is not tried again", "[registry]") {
  class Full final : public ByteSink {
   public:
    void write(ByteView) override { fail(Fault::local, "disk full"); }
  };
  World world;
  const LoopbackServer server([](const Asked&) { return whole(); });
  registry::Client client(world.settings, Reference::parse(server.name() + "/lib/app:1"));
  Full full;
  REQUIRE_FAULT(client.fetch(descriptor(kBlob.size()), full), Fault::local);
  CHECK(server.asked().size() == 1);
}

TEST_CASE("the rest of a blob is asked for, and counted off where the server has no ranges", "[registry]") {
  World world;
  const bool has_ranges = GENERATE(true, false);
  std::atomic<int> cuts = GENERATE(0, 1);
  const LoopbackServer server([&](const Asked& asked) {
    const Told told = has_ranges && asked.has("range") ? rest(asked) : whole();
    return cuts-- > 0 ? cut(told, 90'000) : told;
  });
  registry::Client client(world.settings, Reference::parse(server.name() + "/lib/app:1"));
  Kept kept;
  client.fetch_rest(descriptor(kBlob.size()), 65'536, kept);
  CHECK(kept.text == kBlob.substr(65'536));
  CHECK(server.asked().at(0).header("range") == "bytes=65536-99999");
}

TEST_CASE("a body that stalls is resumed", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked& asked) {
    if (asked.has("range")) return rest(asked);
    Told told = whole();
    told.silence_in_body = std::chrono::seconds(20);
    return told;
  });
  CHECK(fetch(world, server) == kBlob);
}

TEST_CASE("a body that drips is resumed, and given up in the end", "[registry]") {
  World world;
  const bool is_resumed = GENERATE(true, false);
  const LoopbackServer server([is_resumed](const Asked& asked) {
    if (is_resumed && asked.has("range")) return rest(asked);
    Told told = asked.has("range") ? rest(asked) : whole();
    told.drip = std::chrono::milliseconds(200);
    return told;
  });
  if (is_resumed) {
    CHECK(fetch(world, server) == kBlob);
  } else {
    REQUIRE_FAULT(fetch(world, server), Fault::unavailable);
  }
}

TEST_CASE("a blob that came whole, but without its end, is asked for once more and whole", "[registry]") {
  World world;
  const test::TlsIdentity identity({});
  std::atomic<int> mishaps = GENERATE(1, 100);
  const int planned = mishaps;
  const LoopbackServer server(
      [&](const Asked&) {
        Told told = whole();
        told.without_length = true;
        told.dropped = mishaps-- > 0;
        return told;
      },
      identity);
  world.trust(server.name(), identity.certificate_pem());
  if (planned == 1) {
    CHECK(fetch(world, server) == kBlob);
  } else {
    REQUIRE_FAULT(fetch(world, server), Fault::unavailable);
  }
  for (const Asked& asked : server.asked()) CHECK_FALSE(asked.has("range"));
}

TEST_CASE("a head that drips is given up", "[registry]") {
  World world;
  world.settings.timing.document = std::chrono::seconds(1);
  const LoopbackServer server([](const Asked&) {
    Told told = whole();
    told.headers.emplace_back("X-Filler", std::string(10'000, 'x'));
    told.drip_in_head = std::chrono::milliseconds(200);
    return told;
  });
  REQUIRE_FAULT(fetch(world, server), Fault::unavailable);
  CHECK(world.said().find("its headers did not end within 1 seconds") != std::string::npos);
}

TEST_CASE("an answer to an upload that drips is given up", "[registry]") {
  World world;
  world.settings.timing.document = std::chrono::seconds(1);
  bool is_kept = true;
  Told taken{.status = 201, .headers = {{"X-Filler", std::string(1000, 'x')}}, .body = std::string(1000, 'x')};
  const LoopbackServer server([&](const Asked& asked) -> Told {
    if (asked.method == "PUT") return taken;
    if (asked.method == "HEAD") return is_kept ? whole() : refusal(404);
    return {.status = 202, .headers = {{"Location", "/v2/a/b/blobs/uploads/1?state=1"}}};
  });
  registry::Client client(world.settings, Reference::parse(server.name() + "/a/b"), registry::Access::push);
  const auto put = [&] {
    store::BytesReader body(view_of(kBlob));
    return client.put_blob(descriptor(kBlob.size()), body, std::nullopt);
  };
  CHECK(put() == registry::Delivery::sent);
  is_kept = false;
  SECTION("in its head") { taken.drip_in_head = std::chrono::milliseconds(200); }
  SECTION("in its body") { taken.drip = std::chrono::milliseconds(200); }
  REQUIRE_FAULT(put(), Fault::unavailable);
}

TEST_CASE("a signed address that ran out is asked for anew", "[registry]") {
  World world;
  std::atomic<int> signatures = 0;
  const LoopbackServer storage([&](const Asked& asked) {
    if (asked.target == "/data?sig=1") return asked.has("range") ? refusal(403) : cut(whole(), 40'000);
    if (asked.target == "/data?sig=2") return refusal(403);
    return asked.has("range") ? rest(asked) : refusal(500);
  });
  const LoopbackServer server([&](const Asked&) {
    Told told = refusal(307);
    told.headers = {{"Location", "http://" + storage.name() + "/data?sig=" + std::to_string(++signatures)}};
    return told;
  });
  CHECK(fetch(world, server) == kBlob);
  CHECK(signatures == 3);
}

TEST_CASE("a storage that refuses at the start is not asked again", "[registry]") {
  World world;
  const LoopbackServer storage([&](const Asked&) { return refusal(403); });
  const LoopbackServer server([&](const Asked&) {
    Told told = refusal(307);
    told.headers = {{"Location", "http://" + storage.name() + "/data"}};
    return told;
  });
  REQUIRE_FAULT(fetch(world, server), Fault::unavailable);
  CHECK(storage.asked().size() == 1);
}

TEST_CASE("blobs are fetched by several threads over kept connections", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked&) { return whole(); });
  registry::Client client(world.settings, Reference::parse(server.name() + "/lib/app:1"));
  std::atomic<int> whole_ones = 0;
  std::vector<std::thread> threads;
  for (int worker = 0; worker < 3; ++worker) {
    threads.emplace_back([&] {
      for (int index = 0; index < 5; ++index) {
        Kept kept;
        client.fetch(descriptor(kBlob.size()), kept);
        if (kept.text == kBlob) ++whole_ones;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(whole_ones == 15);
  CHECK(server.connections() <= 3);
}
