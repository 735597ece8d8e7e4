// SPDX-License-Identifier: Apache-2.0
//
// hallmark completion: scripts that let a shell complete command lines. They hold no knowledge of their own: they ask
// the program itself.
#include <ostream>

#include "cmd/commands/entry_points.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

// A colon and an equals sign end a word for bash: what stands before the last of them is not its to replace.
constexpr std::string_view kBash = R"script(# bash completion for hallmark
_hallmark() {
  local line=${COMP_LINE:0:COMP_POINT} words=() candidate files=no
  read -ra words <<<"$line"
  [[ $line != *[[:space:]] ]] || words+=("")
  local current=${words[-1]}
  local kept=${current%"${current##*[:=]}"}
  COMPREPLY=()
  while IFS= read -r candidate; do
    case $candidate in
      :0) files=yes ;;
      :*) ;;
      *) COMPREPLY+=("${candidate%%$'\t'*}") ;;
    esac
  done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
  COMPREPLY=("${COMPREPLY[@]#"$kept"}")
  [[ $files = no ]] || compopt -o default
}
complete -F _hallmark hallmark
)script";

// Descriptions are parted from values by a colon there, so colons in names of images are escaped.
constexpr std::string_view kZsh = R"script(#compdef hallmark
_hallmark() {
  local line value files=no
  local -a described
  for line in "${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      :0) files=yes ;;
      :*) ;;
      *$'\t'*) value=${line%%$'\t'*}; described+=("${value//:/\\:}:${line#*$'\t'}") ;;
      ?*) described+=("${line//:/\\:}") ;;
    esac
  done
  (( ! $#described )) || _describe -V hallmark described
  [[ $files = no ]] || _files
}
if [[ $funcstack[1] = _hallmark ]]; then _hallmark "$@"; else compdef _hallmark hallmark; fi
)script";

// It takes "value<TAB>description" as it is.
constexpr std::string_view kFish = R"script(# fish completion for hallmark
function __hallmark_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case ':0'
                __fish_complete_path "$current"
            case ':*'
            case '*'
                echo $line
        end
    end
end
complete -c hallmark -f -a '(__hallmark_complete)'
)script";

}  // namespace

Options completion_options() {
  Options options("completion SHELL", "Print a script that completes command lines; SHELL is bash, zsh or fish",
                  "source <(hallmark completion bash)");
  options.operands(1, 1);
  return options;
}

int completion(const Arguments& arguments, Environment& environment) {
  const std::string& shell = arguments.operands().front();
  if (shell == "bash") {
    environment.out << kBash;
  } else if (shell == "zsh") {
    environment.out << kZsh;
  } else if (shell == "fish") {
    environment.out << kFish;
  } else {
    fail(Fault::usage, "no completion for ", printable(shell, 80), ": expected bash, zsh or fish");
  }
  return 0;
}

}  // namespace hallmark::cmd
