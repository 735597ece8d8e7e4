// SPDX-License-Identifier: Apache-2.0
//
// Tars that two readers would read in two ways, and what is no tar at all.
#include "store/tar_entries.h"

#include "store/archive_refusal.h"
#include "tests/store/tars.h"
#include "tests/support/catch.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

/// The names of the tar's files; the message of the refusal when it is refused.
std::string names_of(const std::string& tar) {
  bool is_given = false;
  TarEntries entries([&] { return std::exchange(is_given, true) ? ByteView() : view_of(tar); });
  std::string names;
  try {
    while (const auto entry = entries.next()) names += (names.empty() ? "" : " ") + entry->name;
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::corrupt);
    return error.what();
  }
  return names;
}

bool is_refused(const std::string& tar, const std::string& code) { return names_of(tar).starts_with(code + ": "); }

bool calls_it_no_tar(const std::string& message) { return message.find("it is no tar") != std::string::npos; }

const std::string kGood = tar_file("f", "good");
const std::string kGlobal = tar_entry("pax_global_header", 'g', pax_record("comment", "0123"));

}  // namespace

TEST_CASE("an extended header says what the one entry after it is called", "[store]") {
  CHECK(names_of(pax_path("long") + kGood + kTarEnd) == "long");
  CHECK(names_of(gnu_name("long") + kGood + kGood + kTarEnd) == "long f");
  CHECK(names_of(kGlobal + pax_path("long") + kGood + kGlobal + tar_file("g", "") + kTarEnd) == "long g");
  const std::string link = tar_entry("l", '2', "", "x");
  CHECK(names_of(kGood + gnu_target("f") + gnu_name("long") + link + kTarEnd) == "f long");
  CHECK(names_of(kGood + gnu_name("long") + gnu_target("f") + link + kTarEnd) == "f long");
}

TEST_CASE("several extended headers before one entry are refused", "[store]") {
  const std::string time = tar_entry("PaxHeaders/f", 'x', pax_record("mtime", "0"));
  const auto before = GENERATE_COPY(as<std::string>{},
                                    pax_path("a") + time,                             // Go's readers drop the first
                                    gnu_name("a") + pax_path("b"),                    // Go obeys L, others x
                                    pax_path("b") + gnu_name("a"),                    //
                                    gnu_target("a") + time,                           //
                                    gnu_name("a") + gnu_name("b"),                    //
                                    gnu_target("a") + gnu_target("b"),                //
                                    gnu_name("a") + gnu_target("b") + gnu_name("c"),  //
                                    pax_path("a") + kGlobal,                          // Go forgets x at g
                                    gnu_name("a") + kGlobal);
  CHECK(is_refused(before + kGood + kTarEnd, "E_ARCHIVE_HEADER"));
}

TEST_CASE("an extended header that belongs to no entry is refused", "[store]") {
  const auto header = GENERATE(as<std::string>{}, pax_path("a"), gnu_name("a"), gnu_target("a"));
  CHECK(is_refused(kGood + header + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(is_refused(kGood + header, "E_ARCHIVE_TRUNCATED"));
}

TEST_CASE("a pax header that says a thing twice, or for all entries, is refused", "[store]") {
  const std::string twice = pax_record("path", "a") + pax_record("path", "b");
  CHECK(is_refused(tar_entry("PaxHeaders/f", 'x', twice) + kGood + kTarEnd, "E_ARCHIVE_HEADER"));
  const auto key = GENERATE(as<std::string>{}, "path", "linkpath", "size");
  CHECK(is_refused(tar_entry("pax_global_header", 'g', pax_record(key, "4")) + kGood + kTarEnd, "E_ARCHIVE_HEADER"));
}

TEST_CASE("what is no tar is called so", "[store]") {
  CHECK(calls_it_no_tar(names_of("just text\n")));
  CHECK(calls_it_no_tar(names_of(std::string(5000, 'x'))));
  // A slice of a bundle that was split: good blocks follow.
  CHECK(calls_it_no_tar(names_of(std::string(512, '7') + kGood + kTarEnd)));
  CHECK_FALSE(calls_it_no_tar(names_of(kGood + std::string(512, '7'))));
}
