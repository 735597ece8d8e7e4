// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/image_changes.h"

#include "cmd/pinning/dockerfile_words.h"
#include "tests/support/catch.h"

using namespace hallmark;
using cmd::apply_change;
using Words = std::vector<std::string>;

namespace {

store::ImageSettings after(const Words& changes) {
  store::ImageSettings settings;
  for (const std::string& change : changes) apply_change(change, settings);
  return settings;
}

}  // namespace

TEST_CASE("a command is a JSON list, or a line for the shell", "[cmd]") {
  REQUIRE(after({R"(CMD ["a","b c"])"}).command == Words{"a", "b c"});
  REQUIRE(after({"cmd echo $HOME \"x\""}).command == Words{"/bin/sh", "-c", "echo $HOME \"x\""});
  // What follows the list is passed over, and no flag is part of a line.
  REQUIRE(after({R"(CMD ["a"] x)"}).command == Words{"a"});
  REQUIRE(after({R"(ENTRYPOINT ["a]", "\"b"] "x ])"}).entrypoint == Words{"a]", "\"b"});
  REQUIRE(after({R"(VOLUME ["/a"] /b)"}).volumes == std::set<std::string>{"/a"});
  REQUIRE(after({R"(CMD ["a" x)"}).command == Words{"/bin/sh", "-c", R"(["a" x)"});
  REQUIRE(after({"CMD -- x --y"}).command == Words{"/bin/sh", "-c", "x --y"});
  for (const char* flagged : {"CMD --x y", "ENV --x=1 A=b", "USER --x", "ENTRYPOINT --x [\"a\"]", "LABEL --a=b"}) {
    REQUIRE_FAULT(after({flagged}), Fault::usage);
  }
  REQUIRE(after({"CMD [a]"}).command == Words{"/bin/sh", "-c", "[a]"});
  REQUIRE(after({"CMD []"}).command == Words{});
  REQUIRE(after({"ENTRYPOINT /bin/x -y"}).entrypoint == Words{"/bin/sh", "-c", "/bin/x -y"});
  REQUIRE(after({R"(ENTRYPOINT ["x"])", "ENTRYPOINT []"}).entrypoint == std::nullopt);
  REQUIRE_FAULT(after({"CMD [1]"}), Fault::usage);
}

TEST_CASE("variables are set once each, in both forms", "[cmd]") {
  REQUIRE(after({R"(ENV A=1 B="x y" C=$A)", "ENV D e  f", "ENV A=2"}).environment ==
          Words{"A=2", "B=x y", "C=", "D=e  f"});
  REQUIRE(after({"ENV A=1", "ENV B=${A}2 C=${X:-d} D=${A:+set}"}).environment == Words{"A=1", "B=12", "C=d", "D=set"});
  REQUIRE(after({R"(ENV A=a\ b B='$X' C="\$X\n")"}).environment == Words{"A=a b", "B=$X", R"(C=$X\n)"});
  for (const char* wrong : {"ENV A", "ENV =x", "ENV A=1 b", "ENV A='x", "ENV A=\"x", "ENV A=${B", "ENV A=${B-c}"}) {
    REQUIRE_FAULT(after({wrong}), Fault::usage);
  }
}

TEST_CASE("labels, user, folder, ports and volumes are taken as docker takes them", "[cmd]") {
  const auto settings = after({R"(LABEL k=v "q r"="s t")", "LABEL a b", "ENV U=u", "USER $U:g", "WORKDIR app",
                               "WORKDIR sub/", "EXPOSE 80 53/UDP 90-91", R"(VOLUME ["/x y"])", "VOLUME /v /w"});
  REQUIRE(settings.labels == std::map<std::string, std::string>{{"a", "b"}, {"k", "v"}, {"q r", "s t"}});
  REQUIRE(settings.user == "u:g");
  REQUIRE(settings.working_directory == "/app/sub");
  REQUIRE(settings.ports == std::set<std::string>{"53/udp", "80/tcp", "90/tcp", "91/tcp"});
  REQUIRE(settings.volumes == std::set<std::string>{"/v", "/w", "/x y"});
  REQUIRE(after({"WORKDIR /a", "WORKDIR ../.."}).working_directory == "/");
  REQUIRE(after({"WORKDIR /a/../b/"}).working_directory == "/a/../b/");
}

TEST_CASE("an instruction that would not do what it says is refused", "[cmd]") {
  for (const char* wrong : {"", "RUN x", "STOPSIGNAL SIGTERM", "HEALTHCHECK CMD x", "CMD", "USER", "USER $X", "WORKDIR",
                            "LABEL a", "VOLUME", "EXPOSE x", "EXPOSE 0", "EXPOSE 65536", "EXPOSE 80/foo", "EXPOSE 9-8",
                            "EXPOSE 8080:80", "CMD x\nENV A=1", "LABEL a=\xff"}) {
    INFO(wrong);
    REQUIRE_FAULT(after({wrong}), Fault::usage);
  }
}

TEST_CASE("words end at white space outside of quotes", "[cmd]") {
  REQUIRE(cmd::split_words(R"(a  "b c" d\ e f'g h'"i")") == Words{"a", R"("b c")", R"(d\ e)", R"(f'g h'"i")"});
  REQUIRE(cmd::split_words("   ").empty());
}
