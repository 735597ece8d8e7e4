// SPDX-License-Identifier: Apache-2.0
//
// Tars that two readers would read in two ways, and what is no tar at all.
#include "store/archive/tar_entries.h"

#include "store/stream/archive_refusal.h"
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

bool entry_is_refused(const std::string& tar, const std::string& code) {
  return names_of(tar).starts_with(code + ": ");
}

bool calls_it_no_tar(const std::string& message) { return message.find("it is no tar") != std::string::npos; }

const std::string kGood = tar_file("f", "good");
const std::string kGlobal = tar_entry("pax_global_header", 'g', pax_record("comment", "0123"));

/// The good entry with this in its header.
std::string with(std::size_t at, const std::string& bytes, const std::string& magic = kPosixMagic) {
  std::string tar = kGood;
  tar.replace(257, 8, magic);
  tar.replace(at, bytes.size(), bytes);
  return signed_header(tar.substr(0, 512)) + tar.substr(512) + kTarEnd;
}
std::string pax(const std::string& records) { return tar_entry("PaxHeaders/f", 'x', records) + kGood + kTarEnd; }

const std::string kNoMagic(8, '\0');

}  // namespace

TEST_CASE("an extended header says what the one entry after it is called", "[store]") {
  CHECK(names_of(pax_path("long") + kGood + kTarEnd) == "long");
  CHECK(names_of(gnu_name("long") + kGood + tar_file("g", "") + kTarEnd) == "long g");
  CHECK(names_of(kGlobal + pax_path("long") + kGood + kGlobal + tar_file("g", "") + kTarEnd) == "long g");
  const std::string link = tar_entry("l", '2', "", "f");
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
  CHECK(entry_is_refused(before + kGood + kTarEnd, "E_ARCHIVE_HEADER"));
}

TEST_CASE("an extended header that belongs to no entry is refused", "[store]") {
  const auto header = GENERATE(as<std::string>{}, pax_path("a"), gnu_name("a"), gnu_target("a"), kGlobal);
  CHECK(entry_is_refused(kGood + header + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(kGood + header, "E_ARCHIVE_TRUNCATED"));
}

TEST_CASE("a pax header that says a thing twice, or for all entries, is refused", "[store]") {
  const std::string twice = pax_record("path", "a") + pax_record("path", "b");
  CHECK(entry_is_refused(tar_entry("PaxHeaders/f", 'x', twice) + kGood + kTarEnd, "E_ARCHIVE_HEADER"));
  const auto key = GENERATE(as<std::string>{}, "path", "linkpath", "size");
  CHECK(entry_is_refused(tar_entry("pax_global_header", 'g', pax_record(key, "4")) + kGood + kTarEnd,
                         "E_ARCHIVE_HEADER"));
}

TEST_CASE("what is no tar is called so", "[store]") {
  CHECK(calls_it_no_tar(names_of("just text\n")));
  CHECK(calls_it_no_tar(names_of(std::string(5000, 'x'))));
  // A slice of a bundle that was split: good blocks follow.
  CHECK(calls_it_no_tar(names_of(std::string(512, '7') + kGood + kTarEnd)));
  CHECK_FALSE(calls_it_no_tar(names_of(kGood + std::string(512, '7'))));
}

TEST_CASE("headers of the three kinds are read, and no others", "[store]") {
  const auto magic = GENERATE(as<std::string>{}, kPosixMagic, kGnuMagic, kNoMagic);
  CHECK(names_of(with(0, "f", magic)) == "f");
  const auto other = GENERATE(as<std::string>{}, std::string("ustar\0\0\0", 8), "ustar   ", std::string("ustar00\0", 8),
                              std::string("ustar\00010", 8), "USTAR   ", std::string("\0star\00000", 8));
  CHECK(entry_is_refused(with(0, "f", other), "E_ARCHIVE_HEADER"));
}

TEST_CASE("a time before 1970 is a small one, in headers that have a magic", "[store]") {
  const std::string small = std::string(11, '\xff') + '\xfe';
  CHECK(names_of(with(136, small, kGnuMagic)) == "f");
  CHECK(names_of(with(136, small)) == "f");
  CHECK(entry_is_refused(with(136, small, kNoMagic), "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(with(136, '\xff' + std::string(11, '\0')), "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(with(136, std::string(5, '\xff') + std::string(7, '\x7f')), "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(with(124, small), "E_ARCHIVE_HEADER"));
}

TEST_CASE("a prefix is one of POSIX alone, and all of its bytes are its own", "[store]") {
  CHECK(names_of(with(345, "p/q")) == "p/q/f");
  CHECK(names_of(with(345, std::string(155, 'p'))) == std::string(155, 'p') + "/f");
  const auto others = GENERATE(as<std::string>{}, kGnuMagic, kNoMagic);
  CHECK(entry_is_refused(with(345, "p", others), "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(with(345, "14000000000", others), "E_ARCHIVE_HEADER"));  // GNU's time, Python's prefix
  CHECK(entry_is_refused(with(345, std::string("p\0q", 3)), "E_ARCHIVE_HEADER"));
}

TEST_CASE("a header of another kind, with a shorter prefix and two times, is refused", "[store]") {
  const std::string times = "00000000001 00000000001 ";
  CHECK(entry_is_refused(with(476, times + std::string("\0\0\0\0\0\0\0\0tar\0", 12)), "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(with(476, times), "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(with(508, "tar"), "E_ARCHIVE_HEADER"));
}

TEST_CASE("what a sparse or incremental file has in its header is refused on a plain one", "[store]") {
  const auto at = GENERATE(357, 369, 381, 386, 482, 483, 495, 511);
  const auto magic = GENERATE(as<std::string>{}, kGnuMagic, kNoMagic);
  CHECK(entry_is_refused(with(static_cast<std::size_t>(at), "1", magic), "E_ARCHIVE_HEADER"));
}

TEST_CASE("numbers have the forms that every reader reads alike", "[store]") {
  const auto good = GENERATE(as<std::string>{}, "00000000004 ", std::string("          4\0", 12),
                             std::string("         4 \0", 12), std::string("4\0\0\0\0\0\0\0\0\0\0\0", 12));
  CHECK(names_of(with(124, good)) == "f");
  const auto bad = GENERATE(as<std::string>{}, "000000000004", std::string("\x80\0\0\0\0\0\0\0\0\0\0\4", 12),
                            std::string("\xff\0\0\0\0\0\0\0\0\0\0\4", 12),
                            std::string("\0"
                                        "0000000004\0",
                                        12),
                            "+0000000004 ", "-0000000004 ", "0x000000004 ",
                            std::string("4\0"
                                        "7777777777",
                                        12),
                            "            ", std::string(12, '\0'), "00000000008 ", "0000000_004 ", "\t0000000004 ");
  CHECK(entry_is_refused(with(124, bad), "E_ARCHIVE_HEADER"));
}

TEST_CASE("numbers that say nothing here are not left to stop other readers", "[store]") {
  const auto at = static_cast<std::size_t>(GENERATE(100, 108, 116, 329, 337));
  CHECK(names_of(with(at, std::string(8, '\0'))) == "f");
  CHECK(entry_is_refused(with(at, "nothing "), "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(with(at, std::string(8, '\xff')), "E_ARCHIVE_HEADER"));
  // A user whose number has no room in octal digits.
  CHECK(names_of(with(108, std::string("\x80\0\0\0\x40\0\0\0", 8))) == "f");
}

TEST_CASE("a checksum is octal, and of bytes that have no sign", "[store]") {
  std::string tar = kGood;
  tar.replace(265, 1, "\xff");
  tar = signed_header(tar.substr(0, 512)) + tar.substr(512) + kTarEnd;
  REQUIRE(names_of(tar) == "f");
  const std::size_t sum = std::stoul(tar.substr(148, 6), nullptr, 8);
  const auto refused = [&](const std::string& field) {
    std::string other = kGood + tar;
    other.replace(kGood.size() + 148, 8, field);
    return entry_is_refused(other, "E_ARCHIVE_HEADER");
  };
  CHECK(refused(octal(sum - 256, 6) + std::string("\0 ", 2)));
  CHECK(refused(octal(sum, 8)));
  CHECK(refused(std::string("\x80\0\0\0\0\0", 6) + static_cast<char>(sum >> 8U) + static_cast<char>(sum)));
}

TEST_CASE("nothing stands behind the end of a name, and only a folder's ends with a slash", "[store]") {
  CHECK(entry_is_refused(with(0, std::string("f\0evil", 6)), "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(with(0, std::string(1, '\0')), "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(with(0, "f/"), "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(with(157, "f"), "E_ARCHIVE_HEADER"));  // where it leads, and it is no link
  CHECK(entry_is_refused(kGood + tar_entry("l/", '2', "", "f") + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(kGood + tar_entry("l", '2', "four", "f") + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(names_of(kGood + tar_entry("d/", '5', "") + kTarEnd) == "f d");
  CHECK(entry_is_refused(tar_entry("d/", '\0', "") + kTarEnd, "E_ARCHIVE_HEADER"));  // old folders have no magic
  CHECK(entry_is_refused(gnu_name("long") + tar_entry("d/", '\0', "") + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(names_of(gnu_name("long") + tar_entry("d/", '0', "") + kTarEnd) == "long");  // cut off there
}

TEST_CASE("a long name of GNU's ends with its only zero", "[store]") {
  const auto body = GENERATE(as<std::string>{}, "", "long", std::string("long\0\0", 6), std::string("lo\0ng\0", 6),
                             std::string("lo\0ng", 5));
  const auto type = GENERATE('L', 'K');
  CHECK(entry_is_refused(tar_entry("././@LongLink", type, body) + kGood + kTarEnd, "E_ARCHIVE_HEADER"));
}

TEST_CASE("extended headers and their entries have the magic of their kind", "[store]") {
  const auto remagic = [](std::string tar, const std::string& magic) {
    tar.replace(257, 8, magic);
    return signed_header(tar.substr(0, 512)) + tar.substr(512);
  };
  CHECK(names_of(gnu_name("long") + remagic(kGood, kGnuMagic) + kTarEnd) == "long");
  CHECK(entry_is_refused(remagic(pax_path("long"), kGnuMagic) + kGood + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(remagic(kGlobal, kGnuMagic) + kGood + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(remagic(gnu_name("long"), kPosixMagic) + kGood + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(pax_path("long") + remagic(kGood, kGnuMagic) + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(gnu_name("long") + remagic(kGood, kNoMagic) + kTarEnd, "E_ARCHIVE_HEADER"));
}

TEST_CASE("pax headers have the keys that real writers write, and no others", "[store]") {
  const auto good = GENERATE(as<std::string>{}, pax_record("mtime", "1700000000.25"), pax_record("mtime", "-1"),
                             pax_record("uid", "4000000"), pax_record("comment", "no comment"), pax_record("size", "4"),
                             pax_record("SCHILY.xattr.user.a", std::string("\0\n=\xff", 4)),
                             pax_record("LIBARCHIVE.xattr.user.a", "AAo9/w"), pax_record("SCHILY.dev", "66305"),
                             pax_record("LIBARCHIVE.creationtime", "1700000000"));
  CHECK(names_of(pax(good)) == "f");
  const auto bad = GENERATE(as<std::string>{}, "SCHILY.realsize", "SCHILY.filetype", "SCHILY.offset", "SUN.holesdata",
                            "GNU.volume.label", "GNU.dumpdir", "hdrcharset", "charset", "VENDOR.key", "", "Path",
                            "SCHILY.xattr.", "LIBARCHIVE.symlinktype");
  CHECK(entry_is_refused(pax(pax_record(bad, "4")), "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(pax(pax_record("GNU.sparse.realsize", "4")), "E_ENTRY_TYPE"));
  CHECK(entry_is_refused(tar_entry("g", 'g', pax_record(bad, "4")) + kGood + kTarEnd, "E_ARCHIVE_HEADER"));
}

TEST_CASE("the records of a pax header have one form", "[store]") {
  const auto bad =
      GENERATE(as<std::string>{}, pax_record("size", "04"), pax_record("size", "+4"), pax_record("size", " 4"),
               pax_record("size", "4 "), pax_record("size", "0x4"), pax_record("size", ""), pax_record("uid", "-1"),
               pax_record("mtime", "1e5"), pax_record("mtime", ""), pax_record("mtime", "1."), "013 comment=a\n",
               "+13 comment=a\n", " 13 comment=a\n", "13 comment=a\n\n", "11 comment=a\n", "9 comment\n",
               pax_record("comment", "a\n8 path=b"), pax_record("comment", std::string("a\0b", 3)),
               pax_record("mtime", "1") + pax_record("mtime", "1"));
  CHECK(entry_is_refused(pax(bad), "E_ARCHIVE_HEADER"));
}

TEST_CASE("a size in a pax header is that of the header, which readers without pax obey", "[store]") {
  CHECK(entry_is_refused(pax(pax_record("size", "3")), "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(pax(pax_record("size", "8589934591")), "E_ARCHIVE_HEADER"));
  // More than eleven octal digits: the header has none then. It is accepted, and all of those bytes are missing here.
  const std::string large = tar_entry("PaxHeaders/f", 'x', pax_record("size", "8589934592"));
  CHECK(entry_is_refused(large + tar_file("f", "") + kTarEnd, "E_ARCHIVE_TRUNCATED"));
}

TEST_CASE("what an entry's own header calls it is no name that others would find", "[store]") {
  const auto extended = GENERATE(as<std::string>{}, pax_path("long"), gnu_name("long"));
  const auto own = GENERATE(as<std::string>{}, "manifest.json", "./index.json", "repositories", "x/../oci-layout",
                            "INDEX.JSON", "abc/json", "index.json.", "manife\xef\xac\x86.json",
                            "index\xe2\x80\x8c.json", "manifest\xef\xb8\x8f.json", "./manifest.json:$DATA",
                            "a/.. /manifest.json", ".\xe2\x80\x8b/index.json", "blobs/sha256/" + std::string(64, 'a'));
  CHECK(entry_is_refused(extended + tar_file(own, "") + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(kGood + extended + tar_file("f", "evil") + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(extended + tar_file("./f", "evil") + kGood + kTarEnd, "E_ARCHIVE_HEADER"));
  const std::string link = tar_entry("l", '2', "", "f");
  CHECK(entry_is_refused(kGood + tar_file("g", "") + gnu_target("g") + link + kTarEnd, "E_ARCHIVE_HEADER"));
}

TEST_CASE("an extended header is called like no document, for whoever unpacks it as a file", "[store]") {
  const auto name = GENERATE(as<std::string>{}, "index.json", "./Manifest.json", "repositories", "x/json");
  CHECK(entry_is_refused(tar_entry(name, 'x', pax_record("comment", "a")) + kGood + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(tar_entry(name, 'L', std::string("long\0", 5)) + kGood + kTarEnd, "E_ARCHIVE_HEADER"));
}

TEST_CASE("an entry without a name of its own is refused in an archive", "[store]") {
  CHECK(entry_is_refused(pax_path("long") + tar_file("", "") + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(kGood + tar_file("", "") + kTarEnd, "E_ARCHIVE_HEADER"));
}

TEST_CASE("a name with a control character is refused in every header, whatever is obeyed", "[store]") {
  const auto name = GENERATE(as<std::string>{}, "T*M\x18", "a\nb", "a\x1f",
                             "\x7f"
                             "ELF",
                             "a\r");
  CHECK(entry_is_refused(kGood + tar_file(name, "") + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(pax_path("long") + tar_file(name, "") + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(gnu_name("long") + tar_file(name, "") + kTarEnd, "E_ARCHIVE_HEADER"));
  const auto before = GENERATE(as<std::string>{}, "", tar_file("first", ""));
  for (const char type : {'x', 'g'}) {
    CHECK(entry_is_refused(before + tar_entry(name, type, pax_record("comment", "a")) + kGood + kTarEnd,
                           "E_ARCHIVE_HEADER"));
  }
  CHECK(
      entry_is_refused(before + tar_entry(name, 'L', std::string("long\0", 5)) + kGood + kTarEnd, "E_ARCHIVE_HEADER"));
  const std::string to_first = tar_entry("l", '2', "", "first");
  CHECK(entry_is_refused(before + tar_entry(name, 'K', std::string("first\0", 6)) + to_first + kTarEnd,
                         "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(kGood + tar_entry("l", '2', "", name) + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(with(345, name), "E_ARCHIVE_HEADER"));
  CHECK(names_of(with(345, "T*M")) == "T*M/f");
}

TEST_CASE("a first name that begins as another kind of archive does is refused", "[store]") {
  const auto name = GENERATE(as<std::string>{}, "BZh91AY&SY", "LZIP", "LRZI", "MSCF", "MZ", "begin 644 f",
                             "begin-base64 6", "070701", "070702", "070707", "#mtree", "WARC/1.0", "xar!");
  CHECK(entry_is_refused(tar_file(name, "") + kGood + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(tar_entry(name, 'x', pax_record("comment", "a")) + kGood + kTarEnd, "E_ARCHIVE_HEADER"));
  CHECK(names_of(kGood + tar_file(name, "") + kTarEnd) == "f " + name);
  CHECK(names_of(tar_file("./" + name, "") + kTarEnd) == name);
}

TEST_CASE("numbers that stop other readers are refused", "[store]") {
  const std::string long_number(400, '1');
  for (const char* key : {"uid", "gid", "SCHILY.devminor"}) {
    CHECK(names_of(pax(pax_record(key, "4294967294"))) == "f");
    CHECK(entry_is_refused(pax(pax_record(key, "4294967295")), "E_ARCHIVE_HEADER"));
    CHECK(entry_is_refused(pax(pax_record(key, "18446744073709551617")), "E_ARCHIVE_HEADER"));
    CHECK(entry_is_refused(pax(pax_record(key, long_number)), "E_ARCHIVE_HEADER"));
  }
  for (const char* key : {"mtime", "atime", "LIBARCHIVE.creationtime"}) {
    CHECK(names_of(pax(pax_record(key, "-999999999999.999999999999999999"))) == "f");
    CHECK(entry_is_refused(pax(pax_record(key, "1000000000000")), "E_ARCHIVE_HEADER"));
    CHECK(entry_is_refused(pax(pax_record(key, "1." + long_number)), "E_ARCHIVE_HEADER"));
  }
  CHECK(entry_is_refused(pax(pax_record("SCHILY.ino", long_number)), "E_ARCHIVE_HEADER"));
  CHECK(names_of(with(108, std::string("\x80\0\0\0\xff\xff\xff\xfe", 8))) == "f");
  CHECK(entry_is_refused(with(108, std::string("\x80\0\0\0\xff\xff\xff\xff", 8)), "E_ARCHIVE_HEADER"));
  CHECK(names_of(with(136, std::string("\x80\0\0\0\0\0\0\x20\0\0\0\0", 12))) == "f");
  CHECK(entry_is_refused(with(136, std::string("\x80\0\0\0\x40\0\0\0\0\0\0\0", 12)), "E_ARCHIVE_HEADER"));
  CHECK(entry_is_refused(with(136, std::string(5, '\xff') + std::string(7, '\x80')), "E_ARCHIVE_HEADER"));
}

TEST_CASE("a name with the letter of a drive is refused", "[store]") {
  const auto name = GENERATE(as<std::string>{}, "c:manifest.json", "Z:/f", "./c:f", "c:");
  CHECK(entry_is_refused(kGood + tar_file(name, "") + kTarEnd, "E_ENTRY_NAME"));
  CHECK(entry_is_refused(pax_path(name) + kGood + kTarEnd, "E_ENTRY_NAME"));
  CHECK(names_of(tar_file("1:f", "") + tar_file("cd:f", "") + kTarEnd) == "1:f cd:f");
}

TEST_CASE("what real writers write is taken, and what is left out is told by its name", "[store]") {
  for (const char* charset : {"BINARY", "ISO-IR 10646 2000 UTF-8"}) {
    CHECK(names_of(pax(pax_record("hdrcharset", charset))) == "f");
  }
  CHECK(entry_is_refused(pax(pax_record("hdrcharset", "ISO-IR 8859 1 1998")), "E_ARCHIVE_HEADER"));
  // Python's folder, whose name just fits into the prefix.
  std::string folder = tar_entry("", '5', "");
  folder.replace(345, 100, std::string(100, 'p'));
  CHECK(names_of(signed_header(folder) + kTarEnd) == std::string(100, 'p'));
  folder[156] = '0';
  CHECK(entry_is_refused(signed_header(folder) + kTarEnd, "E_ARCHIVE_HEADER"));
  std::string sparse = tar_entry("disk", 'S', "");
  sparse.replace(257, 8, kGnuMagic);
  CHECK(names_of(kGood + signed_header(sparse) + kTarEnd).starts_with("E_ENTRY_TYPE: disk is a sparse file"));
  sparse.replace(386, 11, "00000001000");
  CHECK(names_of(kGood + signed_header(sparse) + kTarEnd).starts_with("E_ENTRY_TYPE: disk is a sparse file"));
  CHECK(names_of(tar_entry("tape", 'V', "") + kTarEnd).starts_with("E_ENTRY_TYPE: tape is the label of a volume"));
}

TEST_CASE("files that are called after digests, colon and all, are not one file", "[store]") {
  const std::string one = "sha256:" + std::string(64, 'a');
  const std::string other = "sha256:" + std::string(64, 'b');
  CHECK(names_of(tar_file(one, "1") + tar_file(other, "2") + kTarEnd) == one + " " + other);
}

TEST_CASE("two entries are not called what a file system may take for one", "[store]") {
  for (const std::string& other : {std::string("CONFIG.json"), std::string("config.json."), std::string("config.json "),
                                   std::string("con\xe2\x80\x8b"
                                               "fig.json"),
                                   std::string("config.json::$DATA")}) {
    INFO(other);
    CHECK(entry_is_refused(tar_file("config.json", "1") + tar_file(other, "2") + kTarEnd, "E_ENTRY_NAME"));
    CHECK(entry_is_refused(tar_file(other, "2") + tar_file("config.json", "1") + kTarEnd, "E_ENTRY_NAME"));
    CHECK(names_of(tar_file(other, "2") + tar_file("other.json", "1") + kTarEnd) == other + " other.json");
  }
  CHECK(entry_is_refused(tar_file("A", "1") + tar_file("a.", "2") + kTarEnd, "E_ENTRY_NAME"));
}

TEST_CASE("names have a limit together, with what is around them in memory", "[store]") {
  const auto files = [](std::size_t count, const std::string& below) {
    std::string tar;
    for (std::size_t i = 0; i < count; ++i) tar += tar_file(octal(i, 6) + below, "");
    return tar + kTarEnd;
  };
  // What docker and others write: a hundred thousand blobs in one folder are fine.
  CHECK_FALSE(entry_is_refused(files(60'000, ".0123456789012345678901234567890123456789012345678901234567890123"),
                               "E_ENTRY_NAME"));
  CHECK(entry_is_refused(files(40'000, "/a/b/c/d/e/f/g/h/i"), "E_ENTRY_NAME"));
  std::string roots;
  for (std::size_t i = 0; i < 200'000; ++i) roots += pax_path("./") + tar_entry(octal(i, 90), '5', "");
  CHECK(entry_is_refused(roots + kTarEnd, "E_ENTRY_NAME"));
}
