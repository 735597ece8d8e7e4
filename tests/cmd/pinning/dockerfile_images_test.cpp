// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/dockerfile_images.h"

#include "cmd/pinning/dockerfile_lines.h"
#include "tests/support/catch.h"

using namespace hallmark;

namespace {

/// "NAME NAME", with "@LINE" behind each and "!" where it cannot be edited.
std::string found(const std::string& text, const std::map<std::string, std::string>& arguments = {}) {
  std::string result;
  for (const cmd::ImageUse& use : cmd::images_of_dockerfile(text, {arguments, "linux/amd64", "linux/arm/v7"})) {
    if (use.trouble) throw *use.trouble;
    const bool is_written_there = use.end && text.substr(0, *use.end).ends_with(use.reference);
    result +=
        (result.empty() ? "" : " ") + use.reference + "@" + std::to_string(use.line) + (is_written_there ? "" : "!");
  }
  return result;
}

/// What it is refused with.
std::string refusal(const std::string& text) {
  REQUIRE_FAULT(found(text), Fault::usage);
  return test::message_of([&] { found(text); });
}

}  // namespace

TEST_CASE("bases are found, stages and scratch are none", "[cmd]") {
  REQUIRE(found("FROM debian:12\n") == "debian:12@1");
  REQUIRE(found("from debian:12 as Build\nFROM scratch\nFROM build\nFROM build2") == "debian:12@1 build2@4");
  REQUIRE(found("# x\n\nFROM --platform=linux/arm64 a/b AS c\nFROM c AS d\n") == "a/b@3");
  REQUIRE(found("FROM debian AS debian\nFROM debian\n") == "debian@1");
  REQUIRE(found("FROM scratch") == "");
  REQUIRE(found("") == "");
}

TEST_CASE("what is copied or mounted from is found", "[cmd]") {
  REQUIRE(found("FROM a AS s\nFROM b\nCOPY --from=s /x /y\nCOPY --from=0 /x /y\nCOPY --chown=1 --from=c:1 /x /y\n") ==
          "a@1 b@2 c:1@5");
  REQUIRE(found("FROM a\nRUN --mount=type=bind,from=b:2,target=/x --mount=type=cache,FROM=c true --mount=from=no\n") ==
          "a@1 b:2@2 c@2");
  REQUIRE(found("FROM a\nCOPY --\"from=b\" x y\n") == "a@1 b@2");
  REQUIRE(found("FROM a\nCOPY '--from=b' x y\n") == "a@1");  // a file of that name
  REQUIRE(found("FROM a\nCOPY --fr\\\n  # no\nom=b x y\n") == "a@1 b@2");
  REQUIRE(found("FROM a\nCOPY --from=b\\\nb x y\n") == "a@1 bb@2!");
  REQUIRE(found("FROM a\nADD --from=x y z\n") == "a@1");
}

TEST_CASE("a source that is no earlier stage is refused or an image, never passed over", "[cmd]") {
  REQUIRE(refusal("FROM a AS s\nCOPY --from=s x y\n").find("line 2") == 0);
  REQUIRE(refusal("FROM a\nCOPY --from=later x y\nFROM b AS later\n").find("later stage") != std::string::npos);
  REQUIRE(refusal("FROM a\nCOPY --from=0 x y\n").find("no earlier stage") != std::string::npos);
  REQUIRE(refusal("FROM a\nCOPY --from=99999999999999999999 x y\n").find("no earlier stage") != std::string::npos);
  REQUIRE(refusal("FROM a\nCOPY --from=$X x y\n").find("no variables") != std::string::npos);
  REQUIRE(refusal("FROM a\nCOPY --from= x y\n").find("without a name") != std::string::npos);
  REQUIRE(refusal("FROM a\nCOPY --from x y\n").find("without a value") != std::string::npos);
  REQUIRE(refusal("FROM a\nRUN --mount=type=bind,from x\n").find("without a value") != std::string::npos);
  REQUIRE(refusal("FROM a\nONBUILD COPY --from=b x y\n").find("ONBUILD") != std::string::npos);
  REQUIRE(found("FROM a\nONBUILD COPY x y\n") == "a@1");
}

TEST_CASE("arguments before the first FROM are put in", "[cmd]") {
  REQUIRE(found("ARG T=12\nFROM debian:$T\nFROM debian:${T}-slim\n") == "debian:12@2! debian:12-slim@3!");
  REQUIRE(found("ARG T=12\nFROM debian:$T\n", {{"T", "13"}, {"U", "1"}}) == "debian:13@2!");
  REQUIRE(found("ARG A=1 B=\"${A}2\"\nFROM x:$B\n") == "x:12@2!");
  REQUIRE(found("ARG T\nFROM x:${T:-y}${T:+z}\n") == "x:y@2!");
  REQUIRE(found("ARG T\nFROM x:${T:-y}${T:+z}\n", {{"T", "t"}}) == "x:tz@2!");
  REQUIRE(found("FROM x:$TARGETARCH-$TARGETVARIANT-$BUILDARCH\n") == "x:arm-v7-amd64@1!");
  REQUIRE(found("FROM \"x:1\"\n") == "x:1@1!");
  const auto uses = cmd::images_of_dockerfile("FROM --platform=$BUILDPLATFORM x\n", {{}, "linux/amd64", "linux/arm64"});
  REQUIRE(uses.at(0).platform == "linux/amd64");
}

TEST_CASE("a variable without a value is refused with its line", "[cmd]") {
  // Builders differ on whether the value stays.
  REQUIRE(refusal("ARG T=good\nARG T\nFROM x:${T:-evil}\n").find("line 2: ARG T without a value") == 0);
  REQUIRE(refusal("ARG TARGETARCH\nFROM x:$TARGETARCH\n").find("line 1: ") == 0);
  REQUIRE_FAULT(found("FROM x:$TARGETARCH\n", {{"TARGETARCH", "evil"}}), Fault::usage);
  REQUIRE(refusal("ARG T\n\nFROM x:$T\n") == "line 3: the variable T has no value in x:$T");
  REQUIRE(refusal("FROM x$T\n").find("line 1") == 0);
  REQUIRE(refusal("FROM a\nARG T=1\nFROM x:$T\n").find("line 3") == 0);
  REQUIRE(refusal("ARG A=$NO\nFROM x:$A\n").find("line 2") == 0);
  REQUIRE(found("ARG A=$NO\nFROM x\n") == "x@2");
  REQUIRE(refusal("ARG A=1\nFROM ${A:?b}\n").find("line 2") == 0);
  REQUIRE_FAULT(found("FROM x:$T", {{"T", "1"}}), Fault::usage);  // given, but never declared
}

TEST_CASE("the values of arguments have a limit", "[cmd]") {
  const auto doubled = [](int times) {
    std::string text = "ARG a0=xxxxxxxx\n";
    for (int i = 1; i <= times; ++i) {
      const std::string before = "${a" + std::to_string(i - 1) + "}";
      text += "ARG a" + std::to_string(i) + "=" + before + before + "\n";
    }
    return text;
  };
  REQUIRE(found(doubled(13) + "FROM x:$a0\n") == "x:xxxxxxxx@15!");
  REQUIRE(refusal(doubled(14) + "FROM x\n").find("line 15: more than 65536 bytes") == 0);
  REQUIRE(refusal(doubled(13) + "FROM x:$a13\n").find("line 15: more than 65536 bytes") == 0);
  std::string again;
  for (int i = 0; i < 300; ++i) again += "ARG b=$a13\n";
  REQUIRE(refusal(doubled(13) + again + "FROM x\n").find("bytes of values of ARG") != std::string::npos);
}

TEST_CASE("the frontend is an image as well", "[cmd]") {
  REQUIRE(found("# syntax=docker/dockerfile:1\nFROM a\n") == "docker/dockerfile:1@1 a@2");
  REQUIRE(found("#\tSYNTAX = d/f:1 more \r\nFROM a\r\n") == "d/f:1@1 a@2");
  REQUIRE(found("\xef\xbb\xbf# syntax=d/f\nFROM a") == "d/f@1 a@2");
  REQUIRE(found("#!/usr/bin/env x\n# syntax=d/f\nFROM a\n") == "d/f@2 a@3");
  REQUIRE(found("# other=1\n# syntax=d/f\nFROM a\n") == "d/f@2 a@3");
  REQUIRE(found("# a comment\n# syntax=d/f\nFROM a\n") == "a@3");
  REQUIRE(found("FROM a\n# syntax=d/f\n") == "a@1");
  REQUIRE(refusal("# syntax=a\n# syntax=b\nFROM x\n").find("line 2") == 0);
}

TEST_CASE("a frontend that only a build argument names is refused", "[cmd]") {
  REQUIRE_FAULT(found("FROM a\n", {{"BUILDKIT_SYNTAX", "b"}}), Fault::usage);
  REQUIRE_FAULT(found("# syntax=b\nFROM a\n", {{"BUILDKIT_SYNTAX", "b"}}), Fault::usage);
  REQUIRE(test::message_of([] { found("", {{"BUILDKIT_SYNTAX", ""}}); }).find("BUILDKIT_SYNTAX") != std::string::npos);
  REQUIRE(found("ARG BUILDKIT_SYNTAX=b\nFROM a\n", {{"BUILDKIT_INLINE_CACHE", "1"}}) == "a@2");
}

TEST_CASE("another escape character is obeyed where every builder obeys it", "[cmd]") {
  REQUIRE(found("# escape=`\nFROM a\nRUN x `\nFROM b\nRUN c:\\\nFROM d\n") == "a@2 d@6");
  REQUIRE(found("# escape=\\\nFROM a\nRUN x \\\nFROM b\n") == "a@2");
  REQUIRE(refusal("# escape=x\nFROM a\n").find("line 1") == 0);
  REQUIRE(refusal("# other=1\n# escape=`\nFROM a\n").find("line 2") == 0);
  REQUIRE(refusal(" # escape=`\nFROM a\n").find("line 1") == 0);
}

TEST_CASE("a directive has no other white space than blanks and tabs", "[cmd]") {
  REQUIRE(found("#\t escape\t=\t` \t\nFROM a\nRUN x `\nFROM b\n") == "a@2");
  REQUIRE(found("# a=b\n# \xc3\xa9t\xc3\xa9 of x=y\nFROM a\n") == "a@3");
  for (const std::string text :
       {"#\v escape=`", "#escape\v=`", "#escape=\v`", "#escape=`\v", "#\f escape=`", "#\rescape=`", "\v# escape=`",
        "#\xc2\xa0"
        "escape=`",
        "#escape\xa0=`", "#\vsyntax=b",
        "#syntax=\xc2\xa0"
        "b",
        "# x\v=1"}) {
    INFO(text);
    REQUIRE(refusal(text + "\nFROM a\nRUN x `\nFROM b\n").find("line 1: a directive") == 0);
  }
  REQUIRE(refusal("# x=1\n#\vsyntax=b\nFROM a\n").find("line 2: a directive") == 0);
  REQUIRE(found("# no directive\n#\v escape=`\nFROM a\n") == "a@3");
}

TEST_CASE("flags are read as builders read them, whatever the escape character is", "[cmd]") {
  REQUIRE(found("FROM a\nCOPY --fro\\m=b /x /y\n") == "a@1 b@2");
  REQUIRE(found("FROM a\nCOPY --chown=`0 --from=b /x /y\n") == "a@1 b@2");
  REQUIRE(found("# escape=`\nFROM a\nCOPY --from=b c:\\x `\n  c:\\y\n") == "a@2 b@3");
  REQUIRE(refusal("# escape=`\nFROM a\nCOPY --fro\\m=b /x /y\n").find("line 3: an escape") == 0);
  REQUIRE(refusal("# escape=`\nFROM a\nCOPY --fro`m=b /x /y\n").find("line 3: an escape") == 0);
  REQUIRE(refusal("# escape=`\nFROM a\nRUN --moun\\t=from=b x\n").find("line 3: an escape") == 0);
  REQUIRE(refusal("# escape=`\nFROM --platfor\\m=x a\n").find("line 2: an escape") == 0);
}

TEST_CASE("bytes beyond ASCII end no flag and begin none", "[cmd]") {
  REQUIRE(found("FROM a\nCOPY --from=b \xc3\xa0 /y\nCOPY \xc3\xa9t\xc3\xa9 x--from=c /y\n") == "a@1 b@2");
  REQUIRE(found("FROM a\nRUN echo \xc3\xa0 --x \xc2\xa0\n") == "a@1");
  for (const std::string text :
       {"COPY --chown=0\xa0--from=b x y", "COPY --chown=0\x85--from=b x y", "COPY --chown=\xc3\xa0--from=b x y",
        "RUN --security=x\xc3\xa0--mount=type=bind,from=b,target=/x y", "ADD --chown=\xc3\xa0 x y",
        "ONBUILD COPY --chown=\xc3\xa0--from=b x y", "COPY \xe2\x80\x83--from=b x y", "COPY \xa0 --from=b x y",
        "RUN --security=x\xc3\xa0--mount=from=b cat <<X\nX", "FROM --platform=\xc3\xa0 b"}) {
    INFO(text);
    REQUIRE(refusal("FROM a\n" + text + "\n").find("line 2: a byte beyond ASCII") == 0);
  }
  REQUIRE(refusal("FROM a\nONBUILD \xc2\xa0"
                  "COPY --from=b x y\n")
              .find("line 2: expected an instruction") == 0);
  REQUIRE(refusal("FROM a\nONBUILD -- COPY --from=b x y\n").find("line 2: expected an instruction") == 0);
  // For builders an empty line, a comment.
  REQUIRE(refusal("FROM a\nRUN x \\\n\xc2\xa0\nFROM a AS b\nFROM a\nCOPY --from=b x y\n").find("line 3") == 0);
  REQUIRE(refusal("FROM a\nRUN x \\\n \xe3\x80\x80# x\nFROM a\n").find("line 3: white space") == 0);
  REQUIRE(found("FROM a\nRUN x \\\n  \xc3\xa9 \\\n y\nFROM b\n") == "a@1 b@5");
}

TEST_CASE("continuations hide no instruction and make none", "[cmd]") {
  REQUIRE(found("FROM a\nRUN x \\\n  FROM b\nFROM c\n") == "a@1 c@4");
  REQUIRE(found("FROM a\nRUN x \\ \t\n\n # y \\\n\nFROM b\nFROM c\n") == "a@1 c@7");
  REQUIRE(found("FROM \\\n  a \\\n  AS b\n") == "a@1");
  REQUIRE(found("FROM a\r\nRUN x \\\r\nFROM b\r\nFROM c") == "a@1 c@4");
  REQUIRE(found("FROM a\\") == "a@1");
  REQUIRE(refusal("FROM a\nRUN x \\\\\nFROM b\n").find("line 2") == 0);
}

TEST_CASE("heredocs are text", "[cmd]") {
  REQUIRE(found("FROM a\nRUN <<EOF\nINCLUDE b\nEOF\nFROM c\n") == "a@1 c@5");
  REQUIRE(found("FROM a\nCOPY <<-'X' 3<<\"Y\" /to/\nINCLUDE b\n\tX\nY x\nY\nFROM c\n") == "a@1 c@7");
  REQUIRE(found("FROM a\nRUN cat <<EOF \\\n  && true\nINCLUDE b\nEOF\nFROM c\n") == "a@1 c@6");
  REQUIRE(found("FROM a\nONBUILD RUN <<EOF\nINCLUDE b\nEOF\nFROM c\n") == "a@1 c@5");
  REQUIRE(found("FROM a\nRUN [\"<<EOF\", \"<<EOF\"]\nFROM b\n") == "a@1 b@3");
  REQUIRE(found("FROM a\nRUN cat <<<EOF\nFROM b\n") == "a@1 b@3");
  REQUIRE(found("FROM a\nENV x=<<EOF\nFROM b\n") == "a@1 b@3");
  REQUIRE(refusal("FROM a\nRUN <<EOF\nINCLUDE b\n EOF\n").find("line 2: the heredoc EOF has no end") == 0);
  REQUIRE(refusal("FROM a\nRUN it's <<EOF\nINCLUDE b\nEOF\n").find("line 2") == 0);
}

TEST_CASE("what stands in a heredoc is text, whatever instruction it would be", "[cmd]") {
  for (const std::string body :
       {"FROM b", "RUN x --mount=from=b", "Copy --from=b x y", "x \\", "# x", "it's", "<<X", "ARG x",
        "\xc2\xa0"
        "FROM b"}) {
    INFO(body);
    REQUIRE(found("FROM a\nCOPY <<CMD /x\n" + body + "\nCMD\nFROM c\n") == "a@1 c@5");
  }
  REQUIRE(found("FROM a\nCOPY <<'FROM b' /x\nCMD\nFROM b\nFROM c\n") == "a@1 c@5");
  REQUIRE(refusal("FROM a\nCOPY <<'' /x\nFROM b\n\n").find("line 2: a heredoc without a name") == 0);
  REQUIRE(refusal("FROM a\nCOPY <<-\"\" /x\nFROM b\n\n").find("line 2: a heredoc without a name") == 0);
}

TEST_CASE("a name that ends in a variable's value or default is pinned there", "[cmd]") {
  // Up to where the pin goes.
  const auto place = [](const std::string& text, const std::map<std::string, std::string>& arguments = {}) {
    const auto uses = cmd::images_of_dockerfile(text, {arguments, "linux/amd64", "linux/amd64"});
    const cmd::ImageUse& use = uses.back();
    if (!use.end) return "! " + use.why_fixed;
    const std::string before = text.substr(0, *use.end);
    return before.substr(before.rfind('\n') + 1) + "|" + text.substr(*use.end, 1);
  };
  CHECK(place("ARG T=12\nFROM debian:$T\n") == "ARG T=12|\n");
  CHECK(place("ARG A=1 I=\"debian:12\" B=2\nFROM ${I}\n") == "ARG A=1 I=\"debian:12|\"");
  CHECK(place("ARG I='debian:12'\nFROM $I\n") == "ARG I='debian:12|'");
  CHECK(place("ARG T=12\nARG I=debian:${T}\nFROM $I\n") == "ARG T=12|\n");
  CHECK(place("ARG R=r.example\nFROM $R/debian:12 AS x\n") == "FROM $R/debian:12| ");
  CHECK(place("FROM debian:${T:-12} AS x\n") == "FROM debian:${T:-12|}");
  CHECK(place("ARG T=13\nFROM debian:${T:-12} AS x\n") == "ARG T=13|\n");
  CHECK(place("ARG M=11\nFROM debian:12.$M\n") == "ARG M=11|\n");
  CHECK(place("ARG \\\n  T=12\nFROM debian:$T\n") == "  T=12|\n");
  // A part of a tag, a value from elsewhere, one that a stage uses as well.
  CHECK(place("ARG T=12\nFROM debian:$T-slim\n").starts_with("! a variable is only a part"));
  CHECK(place("ARG T=12\nFROM debian:$T\n", {{"T", "13"}}).starts_with("! it ends with the value of T"));
  CHECK(place("FROM x:$TARGETARCH\n").starts_with("! it ends with the value of TARGETARCH"));
  CHECK(place("ARG T=12\nFROM debian:$T\nARG T\nRUN x\n").starts_with("! a stage uses"));
  CHECK(place("ARG T=12\nARG I=debian:${T}\nFROM $I\nARG T\n").starts_with("! a stage uses"));
  CHECK(place("ARG T=12\nFROM debian:$T\nARG T=other\n") == "ARG T=12|\n");
}

TEST_CASE("all places that cannot be read are told", "[cmd]") {
  const auto uses =
      cmd::images_of_dockerfile("FROM x:$A\nFROM y\nFROM z:${B:?c}\n", {{}, "linux/amd64", "linux/amd64"});
  REQUIRE(uses.size() == 3);
  CHECK(uses[0].trouble->message().find("line 1: ") == 0);
  CHECK_FALSE(uses[1].trouble);
  CHECK(uses[2].trouble->message().find("line 3: ") == 0);
}

TEST_CASE("what is no Dockerfile is refused", "[cmd]") {
  REQUIRE(refusal("FROM a\nINCLUDE b\n").find("line 2") == 0);
  REQUIRE(refusal("// syntax=x/y\nFROM a\n").find("line 1") == 0);
  REQUIRE(refusal("{\"syntax\": \"x/y\"}\n").find("line 1") == 0);
  REQUIRE(refusal("RUN x\nFROM a\n").find("line 1") == 0);
  REQUIRE(refusal("FROM a b\n").find("line 1") == 0);
  REQUIRE(refusal("FROM a AS b/c\n").find("no name of a stage") != std::string::npos);
  REQUIRE(refusal("FROM --x=y a\n").find("unknown flag") != std::string::npos);
  REQUIRE(refusal("FROM\n").find("line 1") == 0);
  REQUIRE(refusal(std::string("FROM a\nRUN \0x\n", 14)) == "line 2: a NUL byte");
  REQUIRE(refusal("FROM a\nRUN " + std::string(70000, 'x') + "\n").find("line 2") == 0);
  REQUIRE_FAULT(found(std::string(cmd::kMostDockerfileBytes + 1, '\n')), Fault::usage);
  std::string many;
  for (std::size_t i = 0; i <= cmd::kMostImageUses; ++i) many += "FROM a\n";
  REQUIRE(refusal(many).find("more than") != std::string::npos);
  many.clear();
  for (int i = 0; i < 50000; ++i) many += "ARG a" + std::to_string(i) + "=1\n";
  REQUIRE(refusal(many + "FROM a\n").find("more than") != std::string::npos);
}
