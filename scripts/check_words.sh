#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Words that must not be written, and a few that must be written exactly once. Prints each trespass.
#
# usage: check_words.sh [ROOT]
#        check_words.sh --self-test     plants trespasses in a copy of nothing and expects each to be seen
set -u

if [ "${1:-}" = --self-test ]; then
  self=$(realpath "$0")
  tree=$(mktemp -d)
  trap 'rm -rf "$tree"' EXIT
  mkdir -p "$tree/policy" "$tree/cmd" "$tree/scripts"
  cd "$tree" || exit 1
  spdx='// SPDX-License-Identifier: Apache-2.0'
  printf '%s\n#pragma once\nfriend class Gate;\nclass Gate {};\nclass Approval {};\n' "$spdx" >policy/approval.h
  "$self" "$tree" >/dev/null || { echo "words: a clean tree was refused" && exit 1; }
  blind=0
  while IFS= read -r line; do
    printf '%s\n%s\n' "$spdx" "$line" >cmd/planted.cpp
    "$self" "$tree" >/dev/null && echo "words: not seen: $line" && blind=1
  done <<'END'
std::system("ls");
FILE* pipe = popen("ls", "r");
strcpy(to, from);
std::sprintf(text, "%d", 1);
int x = rand();
int y = atoi(text);
auto p = const_cast<char*>(q);
auto p = reinterpret_cast<char*>(q);
std::shared_ptr<int> p;
int* p = new int;
  friend class Gate;
class Gate {
// TODO later
// FIXME
std::exit(1);
#define LIMIT 5
// NOLINT
const char* path = "/home/someone/keys";
END
  rm cmd/planted.cpp
  printf 'int x;\n' >cmd/planted.cpp
  "$self" "$tree" >/dev/null && echo "words: a file without a licence was not seen" && blind=1
  { echo "$spdx" && yes 'int x;' | head -n 400; } >cmd/planted.cpp
  "$self" "$tree" >/dev/null && echo "words: a file that is too long was not seen" && blind=1
  [ $blind -ne 0 ] || echo "words: all planted words were seen"
  exit $blind
fi
cd "${1:-$(dirname "$0")/..}" || exit 1

list() { find "$@" -type f ! -path '*/vectors/*' 2>/dev/null | sort; }
code=$(list trust policy store registry cmd bench tests -name '*.h' -o -name '*.cpp' ! -path '*/vectors/*' -type f)
product=$(list trust policy store registry cmd -name '*.h' -o -name '*.cpp' -type f)
scripts=$(list scripts tests bench .ci -name '*.sh' -o -name '*.py' -type f; list scripts .ci ! -name '*.*')
scripts=$(echo "$scripts" | grep -v check_words)  # it has the words
lists=$(find . -maxdepth 3 -name CMakeLists.txt ! -path './build*')
texts=$(list docs; ls README.md bench/*.md 2>/dev/null)

status=0
refuse() {
  echo "words: $1"
  status=1
}

# never WORD-REGEX WHY FILES...
never() {
  pattern=$1 why=$2
  shift 2
  hits=$(grep -nHE "$pattern" "$@" | head -n 20)
  [ -z "$hits" ] || refuse "$why:
$hits"
}

# once TEXT FILES...
once() {
  text=$1
  shift
  count=$(cat "$@" | grep -cF "$text")
  [ "$count" = 1 ] || refuse "\"$text\" stands $count times in the product's code; it must stand there once"
}

# shellcheck disable=SC2086,SC2046
{
  never '(^|[^A-Za-z_.>])system *\(|popen *\(' 'no shell is ever started' $code
  never '(^|[^A-Za-z_])(strcpy|strcat|sprintf|vsprintf|gets|alloca) *\(' 'writes without a limit' $code
  never '(^|[^A-Za-z_])(atoi|atol|atof|s?rand|strtok) *\(' 'has no errors, or state' $code
  never 'const_cast *<|friend +struct' 'goes around a type' $code
  never 'reinterpret_cast *<' 'belongs into trust/bytes.cpp' $(echo "$code" | grep -v '^trust/bytes.cpp$')
  never 'shared_ptr *<([^c]|c[^o])|(=|return|\() *new [A-Za-z]|^ *delete [a-z]' \
    'ownership is a unique_ptr, and what is shared is const' $product
  never 'std::regex|<regex>|<format>|<expected>|std::views|std::source_location' 'not in this house' $code
  never 'std::exit *\(|(^|[^A-Za-z_.:])exit *\(|abort *\(' 'only a thrown fault ends a command' $product
  never '#define|#ifndef [A-Z_]+_H' 'no macros in the product' $product
  never 'NOLINT' 'a check that misfires leaves the list instead' $product
  never 'TODO|FIXME|(^|[^X])XXX([^X]|$)|HACK' 'no marks: an issue or nothing' $code $scripts $lists $texts
  never '(^|[^A-Za-z0-9_./-])/(work/|home/[a-z]|Users/|mnt/|tmp/[a-z0-9])' 'a path of one machine' \
    $scripts $lists $texts $(echo "$code" | grep -v '^tests/')
  never 'friend class Gate' 'only what the gate alone makes has it for a friend' \
    $(echo "$product" | grep -vE '^policy/(approval|bundle_time|decision)\.h$')
  once 'class Gate {' $product
  once 'class Approval {' $product
}

for file in $code; do
  [ "$(head -n 1 "$file")" = '// SPDX-License-Identifier: Apache-2.0' ] || refuse "$file: the first line is not the licence"
  case $file in *.h) grep -qx '#pragma once' "$file" || refuse "$file: no #pragma once" ;; esac
done
for file in $scripts $lists; do
  head -n 2 "$file" | grep -qx '# SPDX-License-Identifier: Apache-2.0' || refuse "$file: the licence is not said"
done
for file in $code $scripts; do
  length=$(wc -l <"$file")
  [ "$length" -le 400 ] || refuse "$file: $length lines, the limit is 400"
done
folders=$(find . -type d \( -name util -o -name utils -o -name common -o -name helpers -o -name core \) \
  ! -path './build*' ! -path './.git/*')
[ -z "$folders" ] || refuse "a folder of anything: $folders"

[ $status -ne 0 ] || echo "words: $(echo "$code" | wc -l) files of code are clean"
exit $status
