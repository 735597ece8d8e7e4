// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/yaml_images.h"

#include "tests/support/catch.h"

using namespace hallmark;

namespace {

std::string found_in_yaml(const std::string& text) {
  std::string result;
  for (const cmd::ImageUse& use : cmd::images_of_yaml(text).uses) {
    if (use.trouble) throw *use.trouble;
    REQUIRE(text.substr(0, use.end.value()).ends_with(use.reference));
    result += (result.empty() ? "" : " ") + use.reference + "@" + std::to_string(use.line);
  }
  return result;
}

std::string refusal_of_yaml(const std::string& text) {
  REQUIRE_FAULT(found_in_yaml(text), Fault::usage);
  return test::message_of([&] { found_in_yaml(text); });
}

}  // namespace

TEST_CASE("image is found as a key of a mapping, plain and quoted", "[cmd]") {
  REQUIRE(
      found_in_yaml("services:\n  web:\n    image: nginx:1.25 # the web\n    ports: [\"80:80\"]\n  db:\n    \"image\": "
                    "'x/y'\n") == "nginx:1.25@3 x/y@6");
  REQUIRE(found_in_yaml("containers:\n- name: a\n  image: a:1\n- image: \"b\"\n  name: b\n-   image : c\n") ==
          "a:1@3 b@4 c@6");
  REQUIRE(found_in_yaml("---\nimage: a\n---\n- - image: b\n...\n") == "a@2 b@4");
  REQUIRE(found_in_yaml("\xef\xbb\xbfimage: a\r\nx: 1\r\nimage:\tb") == "a@1 b@3");
  REQUIRE(found_in_yaml("image: r:5000/a@sha256:0#1\n") == "r:5000/a@sha256:0#1@1");
  REQUIRE(found_in_yaml("x: &a\n  image: a\ny:\n  <<: *a\n  image: b\n") == "a@2 b@5");
  REQUIRE(found_in_yaml("x: &a-1_c [1]\ny: *a-1_c\nz: [*a-1_c, *a-1_c]\nw:\n  *a-1_c # x\nimage: b\n") == "b@6");
  REQUIRE(found_in_yaml(
              "!!str image: a\nx: !!binary aW1hZ2U=\ny: {!!str b: !!binary aQ==, '!c': d}\n!!str &z y: 1\n") == "a@1");
  REQUIRE(found_in_yaml("") == "");
  REQUIRE(found_in_yaml("# image: a\nimages: b\nmy-image: c\nImage: d\nx: image:e\n") == "");
}

TEST_CASE("image is found between brackets and after a question mark", "[cmd]") {
  REQUIRE(found_in_yaml("x: 1\ny: {image: a}\n") == "a@2");
  REQUIRE(found_in_yaml("{\"image\" : \"a\"}\n") == "a@1");
  REQUIRE(found_in_yaml("x: 1\ny: [image: 'a']\n") == "a@2");
  REQUIRE(found_in_yaml("x: 1\ny: {a: 'b', ? image : a}\n") == "a@2");
  REQUIRE(found_in_yaml("x: 1\n? image\n: a\n") == "a@3");
  REQUIRE(found_in_yaml("a: {\n  b: \u00e4\u20ac,\n  image: d }\nimage: e\n") == "d@3 e@4");
}

TEST_CASE("text is no key", "[cmd]") {
  REQUIRE(found_in_yaml("script: |\n  image: a\n\n   image: b\nimage: c\n") == "c@5");
  REQUIRE(found_in_yaml("s: >-  # x\n  image: a\n# y\nimage: c\n") == "c@4");
  REQUIRE(found_in_yaml("s: !!str &x |2+\n    x\n  image: a\nimage: c\n") == "c@4");
  REQUIRE(found_in_yaml("- |\n image: a\n- image: b\n") == "b@3");
  REQUIRE(found_in_yaml("- s: |\n   image: a\n  image: b\n") == "b@3");
  REQUIRE(found_in_yaml("s: |\nimage: b\n") == "b@2");
  REQUIRE(found_in_yaml("s: \"x\n  image: a \\\"\n  image: b\"\nimage: c\n") == "c@4");
  REQUIRE(found_in_yaml("s: 'x''\n  image: a'\nimage: c\n") == "c@3");
  REQUIRE(found_in_yaml("s:\n    foo\n  \"open\nimage: c\n") == "c@4");
  REQUIRE(found_in_yaml("s: foo\n  {open\nimage: c\n") == "c@3");
  REQUIRE(found_in_yaml("a:\n  foo\nimage: c\n") == "c@3");
}

TEST_CASE("an image that cannot be read with certainty is refused with its line", "[cmd]") {
  const char* const cases[] = {
      "x: 1\nimage: *a\n",
      "x: 1\nimage: |\n  a\n",
      "x: 1\nimage: $X\n",
      "x: 1\nimage: \"a\\x41\"\n",
      "x: 1\nimage: 'a''b'\n",
      "x: 1\nimage: \"a\n  b\"\n",
      "x: 1\nimage: \"a\" b\n",
      "x: 1\nimage: a: b\n",
      "x: 1\n{\"image\" : \"a\"}\n",
      "x: 1\ny: {image: *a}\n",
      "x: 1\ny: {image: [a]}\n",
      "x: 1\n{a: b}: c\n",
      "x: 1\n? [image]\n: c\n",
      "x: 1\ny: &a.b c\n",
      "x: foo\n# x\n  | y\n",
      "--- |\nimage: a\n---\nimage: b\n",
      "x: 1\ny: {\"im\\u0061ge\": a}\n",
      "x: 1\n\"im\\u0061ge\": a\n",
      "x: 1\n*a : b\n",
      "x: &a image\n*a:\n  evil\n",
      "x: &a image\n*a: evil\n",
      "x: &a image\n- *a:\n",
      "x: 1\ny: &a: b\n",
      "x: &a image\ny: {*a: evil}\n",
      "x: &a image\ny: {? *a : evil}\n",
      "x: &a image\ny: [*a\n  : evil]\n",
      "x: 1\n!!binary aW1hZ2U=: evil\n",
      "x: 1\n&b !!binary 'aW1hZ2U=': evil\n",
      "x: 1\n!!binary &b aW1hZ2U=: evil\n",
      "x: 1\n!<tag:yaml.org,2002:binary> aW1hZ2U=: evil\n",
      "x: 1\n- !x aW1hZ2U=: evil\n",
      "x: 1\n!!binary\"aW1hZ2U=\": evil\n",
      "x: 1\ny: {!!binary aW1hZ2U=: evil}\n",
      "x: 1\ny: {&b !!binary aW1hZ2U= : evil}\n",
      "x: 1\ny: [? !!binary aW1hZ2U= : evil]\n",
      "x: 1\ny: {!<tag:yaml.org,2002:binary> aW1hZ2U=: evil}\n",
      "x: 1\ny: {dockerfile_inline: FROM a}\n",
      "x:\n|\nimage: a\n",
      "x: 1\n\timage: a\n",
      "x: 1\n-\timage: a\n",
      "x: 1\ndockerfile_inline: |\n  FROM a\n",
  };
  for (const char* const text : cases) {
    INFO(text);
    const std::string message = refusal_of_yaml(text);
    INFO(message);
    REQUIRE((message.find("line 2: ") == 0 || message.find("line 3: ") == 0));
  }
  REQUIRE(refusal_of_yaml("image: a\n  b\n").find("line 1") == 0);
  REQUIRE(refusal_of_yaml("x: foo\n  image: a\n").find("line 2") == 0);
}

TEST_CASE("what names no image is none", "[cmd]") {
  for (const char* const text :
       {"image:\n", "image: # a\n", "image: null\n", "image: ~\n", "image: \"\"\n", "y: {image}\n",
        "image: {type: string}\n", "image: {repository: \"\"}\n", "image: {pullPolicy: Always}\n"}) {
    INFO(text);
    CHECK(found_in_yaml(text).empty());
  }
}

namespace {

/// "REFERENCE -> the line up to the place of the pin|the rest".
std::string places(const std::string& text) {
  std::string result;
  for (const cmd::ImageUse& use : cmd::images_of_yaml(text).uses) {
    result += result.empty() ? "" : "; ";
    if (use.trouble) {
      result += "? " + use.trouble->message();
    } else if (!use.end) {
      result += use.reference + " ! " + use.why_fixed;
    } else {
      const std::string before = text.substr(0, *use.end);
      const std::string after = text.substr(*use.end);
      result += use.reference + " -> " + before.substr(before.rfind('\n') + 1) + use.lead + "|" +
                after.substr(0, after.find('\n'));
    }
  }
  return result;
}

}  // namespace

TEST_CASE("a volume of Kubernetes and an image of GitLab name theirs below the key", "[cmd]") {
  CHECK(places("volumes:\n- image:\n    reference: a/b:1\n    pullPolicy: Always\n") ==
        "a/b:1 ->     reference: a/b:1@|");
  CHECK(places("image: {name: \"a:1\", entrypoint: [\"\"]}\n") ==
        "a:1 -> image: {name: \"a:1@|\", entrypoint: [\"\"]}");
  CHECK(places("image: {name: a, repository: b, tag: c}\n").starts_with("? line 1: "));
}

TEST_CASE("the values of a chart are pinned in their digest, or behind their tag", "[cmd]") {
  CHECK(places("image:\n  repository: a/b\n  tag: 1.25\n") == "a/b:1.25 ->   tag: 1.25@|");
  CHECK(places("image:\n  repository: a/b\n  tag: \"1.10\"\n") == "a/b:1.10 ->   tag: \"1.10@|\"");
  CHECK(places("image:\n  registry: r.example\n  repository: a/b\n  tag: v1\n  digest: \"\"\n") ==
        "r.example/a/b:v1 ->   digest: \"|\"");
  CHECK(places("image:\n  repository: a\n  tag: v1\n  digest:\n") == "a:v1 ->   digest: |");
  const std::string digest = "sha256:" + std::string(64, 'a');
  CHECK(places("image:\n  repository: a\n  tag: v1\n  digest: " + digest + "\n") ==
        "a:v1@" + digest + " ->   digest: " + digest + "|");
  CHECK(places("image: {repository: a, tag: v1, digest: null}\n").starts_with("a:v1 ! "));
  // 1.1 to a chart; what the chart's own version says; a number.
  CHECK(places("image:\n  repository: a\n  tag: 1.10\n").starts_with("? line 3: "));
  CHECK(places("image:\n  repository: a\n").starts_with("? line 2: "));
  CHECK(places("image: {repository: a, tag: 1e3}\n").starts_with("? line 1: "));
  CHECK(places("image: {repository: a, tag: 12}\n") == "a:12 -> image: {repository: a, tag: 12@|}");
}

TEST_CASE("a default is pinned where it stands", "[cmd]") {
  CHECK(places("image: ${IMAGE:-a:1}\n") == "a:1 -> image: ${IMAGE:-a:1@|}");
  CHECK(places("image: \"a:${T-1}\"\n") == "a:1 -> image: \"a:${T-1@|}\"");
  CHECK(places("image: ${R:-r.example}/a:1\n") == "r.example/a:1 -> image: ${R:-r.example}/a:1@|");
  CHECK(places("image: a:${T:-1}-slim\n").starts_with("a:1-slim ! "));
  CHECK(places("a: {image: $X}\nb: {image: \"a:${T}\"}\nc: {image: b}\nd: {image: \"${T:?x}\"}\n").find("; b -> ") !=
        std::string::npos);
}

TEST_CASE("an anchor is pinned where it stands, for all that mean it", "[cmd]") {
  CHECK(places("x: &i a:1\nimage: *i\n") == "a:1 -> x: &i a:1@|");
  CHECK(places("a: {image: &i a:1}\nb: {image: *i}\n") == "a:1 -> a: {image: &i a:1@|}; a:1 -> a: {image: &i a:1@|}");
  CHECK(places("x: &i {}\nimage: *i\n").starts_with("? line 2: "));
  CHECK(places("x: &i a:1\n---\nimage: *i\n").starts_with("? line 3: "));
}

TEST_CASE("what compose builds has no digest", "[cmd]") {
  const auto found_in = [](const std::string& services) {
    const cmd::YamlImages images = cmd::images_of_yaml("services:\n" + services);
    return std::to_string(images.uses.size()) + " " + std::to_string(images.built_here.size());
  };
  CHECK(found_in("  web: {image: a, build: .}\n  db: {image: b}\n") == "1 1");
  CHECK(found_in("  web:\n    build:\n      context: .\n    image: a\n") == "0 1");
  CHECK(found_in("  web: {image: a, build: null}\n  db: {image: b, build: }\n") == "2 0");
  CHECK(found_in("  base: &base {build: .}\n  web: {<<: *base, image: a}\n") == "0 1");
  CHECK(found_in("  base: &base {build: .}\n  web: {<<: [*base], image: a}\n") == "0 1");
  CHECK(found_in("  base: &base {image: b}\n  web: {<<: *base, image: a}\n") == "2 0");
  // Elsewhere the word means something else.
  CHECK(cmd::images_of_yaml("jobs:\n  x: {image: a, build: .}\n").uses.size() == 1);
  CHECK(cmd::images_of_yaml("services:\n  x: {y: {image: a, build: .}}\n").uses.size() == 1);
}

TEST_CASE("flows without an image are passed over, whole", "[cmd]") {
  REQUIRE(found_in_yaml("a: {b: c, \"d\": [1, 'image: x', \"image\"], e: http://image}\nimage: b\n") == "b@2");
  REQUIRE(found_in_yaml("a: [\n  x, # }]\n  {y: z}\n]\nimage: b\n") == "b@5");
  REQUIRE(refusal_of_yaml("a: {\n  b: c\n").find("line 1") == 0);
  REQUIRE(refusal_of_yaml("a: {b: c} d\n").find("line 1") == 0);
  REQUIRE(refusal_of_yaml("a: {b: \"\n---\nimage: x\n\"}\n").find("line 2") == 0);
}

TEST_CASE("bytes that readers of YAML take differently are refused", "[cmd]") {
  REQUIRE(refusal_of_yaml("# x\xe2\x80\xa8image: a\n").find("line 1") == 0);
  REQUIRE(refusal_of_yaml("# x\xc2\x85image: a\n").find("line 1") == 0);
  REQUIRE(refusal_of_yaml("x: 1\n# x\rimage: a\n").find("line 2") == 0);
  REQUIRE(refusal_of_yaml("x: 1\n\xef\xbb\xbfimage: a\n").find("line 2") == 0);
  REQUIRE(refusal_of_yaml(std::string("x: 1\n\0", 6)).find("line 2") == 0);
  REQUIRE(refusal_of_yaml("s: |\n  a\n\t\n  image: b\n").find("line 3") == 0);
  REQUIRE(refusal_of_yaml("x: \"y\n").find("line 1: while scanning a quoted scalar") == 0);
  REQUIRE_FAULT(found_in_yaml(std::string(cmd::kMostYamlBytes + 1, '\n')), Fault::usage);
}

TEST_CASE("long lines and deep files are read in time", "[cmd]") {
  const std::size_t size = cmd::kMostYamlBytes - 100;
  REQUIRE(found_in_yaml("x: [" + std::string(size, ' ') + "]\nimage: a\n") == "a@2");
  REQUIRE(found_in_yaml("x: " + std::string(size, 'y') + "\nimage: a\n") == "a@2");
  REQUIRE(refusal_of_yaml("x: " + std::string(size / 2, '[') + std::string(size / 2, ']') + "\n") ==
          "line 1: nested too deeply");
  std::string flat = "x: " + std::string(99, '[') + "a";
  while (flat.size() < size - 100) flat += ",a";
  REQUIRE(found_in_yaml(flat + std::string(99, ']') + "\nimage: a\n") == "a@2");
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "k:\n";
  REQUIRE(found_in_yaml(deep + "image: a\n") == "a@2001");
}

TEST_CASE("directives have a limit, for each is compared with all before it") {
  std::string many;
  for (int number = 0; number < 60'000; ++number) many += "\n%TAG !" + std::to_string(number) + "! tag:x,";
  REQUIRE(refusal_of_yaml(many + "\n---\nimage: a\n").find("line 102: more directives") == 0);
  REQUIRE(found_in_yaml("%YAML 1.2\n%TAG !e! tag:example.org,\n---\nimage: a\n") == "a@4");
}
