// SPDX-License-Identifier: Apache-2.0
#include "cmd/cli/options.h"

#include "tests/support/catch.h"

using namespace hallmark;
using cmd::Options;

namespace {

Options sample() {
  Options options("pull [OPTIONS] NAME", "Pull", "hallmark pull x");
  options.flag("all-tags,a", "All").flag("quiet,q", "Quiet").value("platform", "P", "Platform").operands(1, 1);
  return options;
}

}  // namespace

TEST_CASE("flags and operands are taken in any order", "[cmd]") {
  const auto arguments = sample().parse({"-aq", "--platform", "linux/arm64", "name"});
  REQUIRE(arguments.truth("all-tags", false));
  REQUIRE(arguments.truth("quiet", false));
  REQUIRE(arguments.value("platform") == "linux/arm64");
  REQUIRE(arguments.operands() == std::vector<std::string>{"name"});
  REQUIRE(sample().parse({"name", "--platform=x", "-q"}).value("platform") == "x");
}

TEST_CASE("a value that is empty is refused, but for a text", "[cmd]") {
  REQUIRE_FAULT(sample().parse({"--platform", "", "name"}), Fault::usage);
  REQUIRE_FAULT(sample().parse({"--platform", "x", "--platform", "", "name"}), Fault::usage);
  REQUIRE_FAULT(sample().parse({"--policy", "", "name"}), Fault::usage);
  REQUIRE(sample().value("message", "TEXT", "Message").parse({"--message", "", "name"}).value("message") == "");
  REQUIRE(sample().parse({"--platform", "", "--help"}).truth("help", false));
}

TEST_CASE("a flag without a value never eats the next word", "[cmd]") {
  const auto arguments = sample().parse({"--quiet", "name"});
  REQUIRE(arguments.operands() == std::vector<std::string>{"name"});
  REQUIRE_FALSE(sample().parse({"--quiet=false", "name"}).truth("quiet", true));
  REQUIRE_FALSE(sample().parse({"-q=false", "name"}).truth("quiet", true));
  REQUIRE(sample().parse({"-q=1", "name"}).truth("quiet", false));
  const auto both = sample().parse({"-aq=false", "name"});
  REQUIRE(both.truth("all-tags", false));
  REQUIRE_FALSE(both.truth("quiet", true));
  REQUIRE_FAULT(sample().parse({"-xq=false", "name"}), Fault::usage);
  REQUIRE_FAULT(sample().parse({"-=false", "name"}), Fault::usage);
  REQUIRE_FAULT(sample().parse({"-q=perhaps", "name"}).truth("quiet", true), Fault::usage);
  REQUIRE_FAULT(sample().parse({"--quiet=perhaps", "name"}).truth("quiet", true), Fault::usage);
}

TEST_CASE("a value that looks like a switch stays with its option", "[cmd]") {
  const auto arguments = sample().parse({"--platform", "-q=x", "name"});
  REQUIRE(arguments.value("platform") == "-q=x");
  REQUIRE_FALSE(arguments.has("quiet"));
  REQUIRE(arguments.operands() == std::vector<std::string>{"name"});
  REQUIRE(sample().parse({"--platform", "--quiet=false", "-q", "name"}).truth("quiet", false));
  REQUIRE_FALSE(sample().parse({"--platform=x", "--quiet=false", "name"}).truth("quiet", true));
}

TEST_CASE("what was not declared is refused", "[cmd]") {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"--nope", "name"}, {"-x", "name"}, {"--plat", "x", "name"}, {}, {"a", "b"}, {"name", "--platform"}}) {
    REQUIRE_FAULT(sample().parse(words), Fault::usage);
  }
  REQUIRE(test::message_of([] { static_cast<void>(sample().parse({"--nope"})); }) == "unknown flag: --nope");
}

TEST_CASE("words after two dashes are operands", "[cmd]") {
  REQUIRE(sample().parse({"--", "--quiet=true"}).operands() == std::vector<std::string>{"--quiet=true"});
}

TEST_CASE("help needs no operands and shows every flag", "[cmd]") {
  REQUIRE(sample().parse({"--help"}).truth("help", false));
  const std::string help = sample().help();
  for (const char* part : {"Usage:  hallmark pull [OPTIONS] NAME", "-a, --all-tags", "--platform P", "--store DIR"}) {
    REQUIRE(help.find(part) != std::string::npos);
  }
}
