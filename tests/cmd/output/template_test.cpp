// SPDX-License-Identifier: Apache-2.0
#include "cmd/output/template.h"

#include "tests/support/catch.h"

using namespace hallmark;
using cmd::Template;
using cmd::TemplateValue;

namespace {

TemplateValue from_json(const std::string& text) { return TemplateValue::of(json::parse("test", view_of(text))); }

/// A record with a name, a list, a map of texts, a null list, a null record, and a number.
TemplateValue sample() {
  using Shown = TemplateValue::Shown;
  TemplateValue::Record nobody;
  nobody.type = "Health";
  nobody.is_null = true;
  TemplateValue::Record record;
  record.type = "Image";
  record.fields = {
      {"Name", TemplateValue::text("lib/app"), Shown::always},
      {"Tags", TemplateValue::list_of({"a", "b", "c"}), Shown::always},
      {"Labels", from_json(R"({"k":"v","kk":"<&>"})"), Shown::always},
      {"Nobody", TemplateValue(TemplateValue::Kind(TemplateValue::List{{}, true})), Shown::always},
      {"Health", TemplateValue(TemplateValue::Kind(nobody)), Shown::always},
      {"Empty", TemplateValue::text(""), Shown::when_filled},
      {"Count", TemplateValue::number(3), Shown::always},
      {"Yes", TemplateValue::truth(true), Shown::always},
      {"Alias", TemplateValue::text("other"), Shown::never},
      {"Any", from_json(R"({"n":null,"f":1.50,"list":[1,"x",{"y":2}],"deep":{"er":"here"}})"), Shown::always},
  };
  return TemplateValue(TemplateValue::Kind(record));
}

std::string run(const std::string& source) { return Template(source).execute(sample()); }

std::string refusal(const std::string& source) {
  try {
    run(source);
  } catch (const Error& error) {
    REQUIRE(error.fault() == Fault::usage);
    return error.what();
  }
  return "not refused";
}

}  // namespace

TEST_CASE("fields, chains and texts come out as they are", "[cmd]") {
  REQUIRE(run("plain") == "plain");
  REQUIRE(run("").empty());
  REQUIRE(run("a {{.Name}} b") == "a lib/app b");
  REQUIRE(run("{{ .Labels.k }}") == "v");
  REQUIRE(run("{{.Any.deep.er}}") == "here");
  REQUIRE(run("{{$.Name}}{{$.Labels.k}}") == "lib/appv");
  REQUIRE(run("{{(index .Any.list 2).y}}") == "2");
  REQUIRE(run("{{.Alias}}") == "other");
}

TEST_CASE("values are printed as Go prints them", "[cmd]") {
  REQUIRE(run("{{.Tags}} {{.Labels}} {{.Nobody}} {{.Count}} {{.Yes}}") == "[a b c] map[k:v kk:<&>] [] 3 true");
  REQUIRE(run("{{.Health}}") == "<nil>");
  REQUIRE(run(R"({{split ",a,,b" ","}} {{printf "%s" (split ",a" ",")}})") == "[ a  b] [ a]");
  // Without a round both variables are the list itself.
  REQUIRE(run(R"({{range $i, $t := split "" ""}}x{{else}}{{$i}}{{$t}}{{end}})") == "[][]");
  REQUIRE(run("{{.Any.n}} {{.Any.f}} {{.Any.list}}") == "<no value> 1.50 [1 x map[y:2]]");
  REQUIRE(run("{{json .Tags}} {{json .Nobody}} {{json .Health}} {{json .Labels}}") ==
          R"(["a","b","c"] null null {"k":"v","kk":"<&>"})");
  REQUIRE(run("{{json .Any}}") == R"({"deep":{"er":"here"},"f":1.50,"list":[1,"x",{"y":2}],"n":null})");
  REQUIRE(run("{{json .}}").starts_with(R"({"Name":"lib/app","Tags":["a","b","c"],"Labels")"));
  REQUIRE(run("{{json .}}").find("Empty") == std::string::npos);
  REQUIRE(run("{{json .}}").find("Alias") == std::string::npos);
}

TEST_CASE("a row of a table is sorted in JSON and safe in HTML", "[cmd]") {
  TemplateValue::Record row;
  row.is_row = true;
  row.fields = {{"Tag", TemplateValue::text("<none>"), TemplateValue::Shown::always},
                {"ID", TemplateValue::text("1&2"), TemplateValue::Shown::always}};
  REQUIRE(Template("{{json .}}").execute(TemplateValue(TemplateValue::Kind(row))) ==
          "{\"ID\":\"1\\u00262\",\"Tag\":\"\\u003cnone\\u003e\"}");
}

TEST_CASE("what a map does not have is no value, what a record does not have is an error", "[cmd]") {
  REQUIRE(run("{{.Labels.nope}}") == "<no value>");
  REQUIRE(run("{{.Any.nope.deeper}}") == "<no value>");
  REQUIRE(run("{{index .Labels \"nope\"}}|") == "|");
  REQUIRE(run("{{index .Any \"nope\"}}") == "<no value>");
  REQUIRE(refusal("ab\n {{.Nope}}").starts_with("template: 2:3: at <.Nope>: can't evaluate field Nope in type Image"));
  REQUIRE(refusal("{{.Name.x}}") == "template: 1:2: at <.Name.x>: can't evaluate field x in type string");
  REQUIRE(refusal("{{.Health.Test}}") == "template: 1:2: at <.Health.Test>: nil pointer evaluating Health.Test");
}

TEST_CASE("docker's functions", "[cmd]") {
  REQUIRE(run("{{upper .Name}} {{lower \"ABC\"}} {{title \"a big-word_here\"}}") == "LIB/APP abc A Big-Word_here");
  REQUIRE(run("{{join .Tags \", \"}}") == "a, b, c");
  REQUIRE(run("{{split .Name \"/\"}} {{index (split .Name \"/\") 1}} {{len (split \"abc\" \"\")}}") ==
          "[lib app] app 3");
  REQUIRE(run("[{{pad .Name 1 2}}] [{{pad \"\" 3 3}}]") == "[ lib/app  ] []");
  REQUIRE(run("{{truncate .Name 3}} {{truncate .Name 99}} {{truncate \"\xc3\xa4\xc3\xa4\" 3}}") ==
          "lib lib/app \xc3\xa4");
}

TEST_CASE("Go's functions", "[cmd]") {
  REQUIRE(run("{{len .Tags}} {{len .Name}} {{len .Labels}}") == "3 7 2");
  REQUIRE(run("{{index .Tags 1}} {{index .Name 0}} {{index .Any \"list\" 2 \"y\"}}") == "b 108 2");
  REQUIRE(run("{{slice .Name 4}} {{slice .Name 0 3}} {{slice .Tags 1 2}}") == "app lib [b]");
}

TEST_CASE("texts are escaped for HTML, JavaScript and queries", "[cmd]") {
  REQUIRE(run(R"({{html "<a href='x'>\"&\"</a>"}})") == "&lt;a href=&#39;x&#39;&gt;&#34;&amp;&#34;&lt;/a&gt;");
  REQUIRE(run(R"({{js "a\\b'\"<&=>\n"}})") == R"(a\\b\'\"\u003C\u0026\u003D\u003E\u000A)");
  REQUIRE(run("{{urlquery .Name}} {{urlquery \"a b+c~\xc3\xa4\"}}") == "lib%2Fapp a+b%2Bc~%C3%A4");
  REQUIRE(run("{{.Name | html}} {{html 1 2}}") == "lib/app 1 2");
}

TEST_CASE("print puts a blank between two of which neither is a text", "[cmd]") {
  REQUIRE(run("{{print 1 2}}") == "1 2");
  REQUIRE(run("{{print \"a\" \"b\"}}") == "ab");
  REQUIRE(run("{{print 1 \"a\" 2}}") == "1a2");
  REQUIRE(run("{{println 1 \"a\"}}") == "1 a\n");
  REQUIRE(run("{{print}}").empty());
  REQUIRE(run("{{print nil}}") == "<nil>");
}

TEST_CASE("numbers are read as Go reads them", "[cmd]") {
  REQUIRE(run("{{010}} {{-010}} {{+07}} {{0}} {{00}} {{09}} {{100}}") == "8 -8 7 0 0 9 100");
  REQUIRE_FALSE(from_json("0.0").is_true());
  REQUIRE_FALSE(from_json("-0.00e7").is_true());
  REQUIRE(from_json("0.01").is_true());
  REQUIRE(from_json("1e3").is_true());
}

TEST_CASE("printf is Go's", "[cmd]") {
  REQUIRE(run("{{printf \"%s-%d-%v-%q-%t-%%\" .Name .Count .Tags .Name .Yes}}") ==
          "lib/app-3-[a b c]-\"lib/app\"-true-%");
  REQUIRE(run("{{printf \"[%5s] [%-5s] [%05d] [%.2s] [%3d]\" \"ab\" \"ab\" 42 \"abc\" 7}}") ==
          "[   ab] [ab   ] [00042] [ab] [  7]");
  REQUIRE(run("{{printf \"%d\" .Name}} {{printf \"%s\" .Count}}") == "%!d(string=lib/app) %!s(int=3)");
  REQUIRE(run("{{printf \"%s\"}} {{printf \"a\" 1}} {{printf \"%\"}}") == "%!s(MISSING) a%!(EXTRA int=1) %!(NOVERB)");
  REQUIRE(run("{{printf \"%s\" .Tags}} {{printf \"%q\" .Tags}}") == R"([a b c] ["a" "b" "c"])");
  REQUIRE(run("{{.Name | printf \"%s:%s\" \"x\"}}") == "x:lib/app");
  // The width is that of each element.
  REQUIRE(run("{{printf \"%3v|%-3v|%03v\" .Tags .Tags 7}}") == "[  a   b   c]|[a   b   c  ]|007");
  REQUIRE(run("{{printf \"%3v\" .Labels}} {{printf \"%6v\" nil}}") == "map[  k:  v  kk:<&>]  <nil>");
  REQUIRE(refusal("{{printf \"%x\" 1}}").find("not %x") != std::string::npos);
  REQUIRE(refusal("{{printf \"%99999s\" \"\"}}").find("width") != std::string::npos);
}

TEST_CASE("comparisons", "[cmd]") {
  REQUIRE(
      run("{{eq .Name \"lib/app\"}} {{eq 1 2 3 1}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt \"b\" \"a\"}} {{ge 1 2}}") ==
      "true true true true true true false");
  REQUIRE(run("{{not .Name}} {{not .Empty}}") == "false true");
  REQUIRE(run("{{and .Name .Count}} {{and .Empty .Name}}| {{or .Empty .Name}} {{or .Empty \"\"}}|") == "3 | lib/app |");
  REQUIRE(run("{{or true (index .Tags 99)}} {{and false (index .Tags 99)}}") == "true false");
  REQUIRE(refusal("{{eq 1 \"1\"}}").ends_with("incompatible types for comparison"));
  REQUIRE(refusal("{{lt .Tags 1}}").ends_with("invalid type for comparison"));
  REQUIRE(refusal("{{eq 1}}").ends_with("missing argument for comparison"));
}

TEST_CASE("if, else if, else", "[cmd]") {
  REQUIRE(run("{{if .Name}}yes{{end}}{{if .Empty}}no{{end}}") == "yes");
  REQUIRE(run("{{if .Empty}}1{{else if .Nobody}}2{{else if .Count}}3{{else}}4{{end}}") == "3");
  REQUIRE(run("{{if .Health}}1{{else}}2{{end}}{{if .Any.n}}1{{else}}2{{end}}") == "22");
  REQUIRE(run("{{if $x := .Name}}{{$x}}{{end}}") == "lib/app");
}

TEST_CASE("range and with set the dot", "[cmd]") {
  REQUIRE(run("{{range .Tags}}<{{.}}>{{end}}") == "<a><b><c>");
  REQUIRE(run("{{range $i, $t := .Tags}}{{if $i}},{{end}}{{$t}}={{$i}}{{end}}") == "a=0,b=1,c=2");
  REQUIRE(run("{{range $k, $v := .Labels}}{{$k}}={{$v}} {{end}}") == "k=v kk=<&> ");
  REQUIRE(run("{{range .Nobody}}x{{else}}none{{end}}{{range .Any.nope}}x{{else}}none{{end}}") == "nonenone");
  REQUIRE(run("{{with .Labels}}{{.k}}{{$.Name}}{{end}}{{with .Empty}}x{{else}}{{.Count}}{{end}}") == "vlib/app3");
  REQUIRE(run("{{with $n := .Name}}{{$n}}{{.}}{{end}}") == "lib/applib/app");
  REQUIRE(refusal("{{range .Name}}{{end}}").ends_with("range can't iterate over string"));
}

TEST_CASE("variables live until the end of their block", "[cmd]") {
  REQUIRE(run("{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}") == "21");
  REQUIRE(run("{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}") == "2");
  REQUIRE(run("{{$l := \"\"}}{{range .Tags}}{{$l = .}}{{end}}{{$l}}") == "c");
  REQUIRE(refusal("{{$x}}") == "template: 1:2: undefined variable \"$x\"");
  REQUIRE(refusal("{{if true}}{{$x := 1}}{{end}}{{$x}}").find("undefined variable") != std::string::npos);
  REQUIRE(refusal("{{$y = 1}}").find("undefined variable") != std::string::npos);
}

TEST_CASE("pipelines give their value to the next command as its last argument", "[cmd]") {
  REQUIRE(run("{{.Name | upper}} {{.Tags | len | printf \"%d%d\" 1}}") == "LIB/APP 13");
  REQUIRE(run("{{.Name | upper | lower | json}}") == "\"lib/app\"");
  REQUIRE(refusal("{{.Name | .Count}}").find("can't give argument to non-function .Count") != std::string::npos);
  REQUIRE(refusal("{{1 | 2}}") == "template: 1:6: non executable command in pipeline stage 2");
  REQUIRE(refusal("{{.Name .Count}}").find("can't give argument") != std::string::npos);
}

TEST_CASE("trim markers and comments", "[cmd]") {
  REQUIRE(run("a \n {{- .Count -}} \n b") == "a3b");
  REQUIRE(run("a {{/* not seen */}} b") == "a  b");
  REQUIRE(run("a {{- /* not seen */ -}} b") == "ab");
  REQUIRE(run("{{- 3 -}} ") == "3");
  REQUIRE(run("{{-3}}") == "-3");
}

TEST_CASE("literals", "[cmd]") {
  REQUIRE(run(R"({{"a\tb\"\\\u00e4\x41"}})") ==
          "a\tb\"\\\xc3\xa4"
          "A");
  REQUIRE(run("{{`raw \\n`}}") == "raw \\n");
  REQUIRE(run("{{true}} {{false}} {{-12}}") == "true false -12");
  REQUIRE(refusal("{{nil}}").find("nil is not a command") != std::string::npos);
  REQUIRE(refusal("{{1.5}}").find("only whole decimal numbers") != std::string::npos);
  REQUIRE(refusal("{{\"a}}").find("unterminated quoted string") != std::string::npos);
  REQUIRE(refusal("{{\"\\q\"}}").find("bad escape") != std::string::npos);
}

TEST_CASE("what is no template is refused with its place", "[cmd]") {
  REQUIRE(refusal("{{") == "template: 1:0: unclosed action");
  REQUIRE(refusal("x{{.Name").ends_with("1:1: unclosed action"));
  REQUIRE(refusal("{{/* a }}").find("unclosed comment") != std::string::npos);
  REQUIRE(refusal("{{}}") == "template: 1:2: missing value for command");
  REQUIRE(refusal("{{if .Name}}x").find("has no {{end}}") != std::string::npos);
  REQUIRE(refusal("{{end}}").find("unexpected {{end}}") != std::string::npos);
  REQUIRE(refusal("{{else}}").find("unexpected {{end}} or {{else}}") != std::string::npos);
  REQUIRE(refusal("{{.Name}}\n {{end}}").starts_with("template: 2:3: unexpected"));
  REQUIRE(refusal("{{nope .Name}}") == "template: 1:2: function \"nope\" not defined");
  REQUIRE(refusal("{{call .Name}}").find("not defined") != std::string::npos);
  REQUIRE(refusal("{{define \"x\"}}{{end}}").find("is not known here") != std::string::npos);
  REQUIRE(refusal("{{range .Tags}}{{break}}{{end}}").find("is not known here") != std::string::npos);
  REQUIRE(refusal("{{.Name)}}").find("unexpected") != std::string::npos);
  REQUIRE(refusal("{{(.Name}}").find("unexpected") != std::string::npos);
  REQUIRE(refusal("{{.Name!}}").find("bad character") != std::string::npos);
  REQUIRE(refusal("{{\"a\".b}}").find("unexpected . after term") != std::string::npos);
  REQUIRE(refusal("{{lower}}").find("wrong number of args for lower") != std::string::npos);
  REQUIRE(refusal("{{lower 1}}").find("expected string; got int") != std::string::npos);
  REQUIRE(refusal("{{index .Tags 3}}").find("index out of range: 3") != std::string::npos);
}

TEST_CASE("a template that asks for too much is refused", "[cmd]") {
  REQUIRE(refusal(std::string(70'000, 'x')).find("at most 65536") != std::string::npos);
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "{{if true}}";
  REQUIRE(refusal(deep).find("nested deeper than 100") != std::string::npos);
  REQUIRE(refusal("{{" + std::string(200, '(') + "1" + std::string(200, ')') + "}}").find("nested deeper than 100") !=
          std::string::npos);
  REQUIRE(refusal("{{pad \"x\" 99999999 0}}").find("bytes") != std::string::npos);
  // Each piece is within its limit, and all of them are kept.
  std::string many = "{{$x := pad \"x\" 9999999 0}}";
  for (int i = 0; i < 200; ++i) many += "{{$y" + std::to_string(i) + " := $x}}";
  REQUIRE(refusal(many).find("bytes of values") != std::string::npos);
  std::string words = "{{$x := pad \"x\" 9999999 0}}{{if or false (print";
  for (int i = 0; i < 200; ++i) words += " $x";
  REQUIRE(refusal(words + ")}}{{end}}").find("bytes") != std::string::npos);
  std::string long_running = "{{$s := split \"" + std::string(200, 'x') + "\" \"\"}}";
  for (int i = 0; i < 5; ++i) long_running += "{{range $s}}";
  for (int i = 0; i < 5; ++i) long_running += "{{end}}";
  REQUIRE(refusal(long_running).find("computes too long") != std::string::npos);
}

TEST_CASE("what an image says does not reach the terminal raw", "[cmd]") {
  const TemplateValue value = from_json("{\"k\":\"a\\u001b[2Jb\\nc\\u009bd\\u00e4\"}");
  REQUIRE(Template("{{.k}}").execute(value) == "a\\x1b[2Jb\nc\\xc2\\x9bd\xc3\xa4");
}

TEST_CASE("functions that change letters leave the header of a table alone", "[cmd]") {
  REQUIRE(Template("{{lower .Name}} {{truncate .Name 2}} {{.Name | upper}}")
              .execute_for_header(from_json(R"({"Name":"TAG"})")) == "TAG TAG TAG");
}
