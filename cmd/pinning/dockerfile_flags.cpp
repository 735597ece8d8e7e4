// SPDX-License-Identifier: Apache-2.0
//
// Some builders read them byte by byte, and what they see then is refused here.
#include "cmd/pinning/dockerfile_flags.h"

#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// The flags at the beginning of an instruction, as builders cut them out.
class FlagReader {
 public:
  FlagReader(const PlacedText& text, char escape) : text_(text), escape_(escape) {}

  std::vector<PlacedText> run() {
    std::vector<PlacedText> flags;
    for (;;) {
      while (at_ < size() && is_dockerfile_space(text_.text[at_])) ++at_;
      if (text_.text.compare(at_, 2, "--") != 0) {
        refuse_hidden();
        return flags;
      }
      PlacedText word = take_word();
      // Two dashes end the flags: what follows is a file, even if it looks like one.
      if (word.text == "--") return flags;
      flags.push_back(std::move(word));
    }
  }
  [[nodiscard]] std::size_t used() const { return at_; }

 private:
  [[nodiscard]] std::size_t size() const { return text_.text.size(); }

  PlacedText take_word() {
    PlacedText word;
    char quote = 0;
    // A quote may begin in the middle of a word, and white space in it ends no flag: --"from=b" is --from=b.
    for (; at_ < size() && (quote != 0 || !is_dockerfile_space(text_.text[at_])); ++at_) {
      const char c = text_.text[at_];
      if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (quote != 0 && c == quote) {
        quote = 0;
      } else if (escape_ != '\\' && (c == '\\' || c == escape_)) {
        // Builders take \ for it here, whatever `# escape=` says.
        fail(Fault::usage, "an escape character in a flag is only understood when it is \\");
      } else if (c != '\\') {
        add(c, word);
      } else if (at_ + 1 < size()) {
        // An escape at the very end stands for nothing.
        ++at_;
        add(text_.text[at_], word);
      }
    }
    return word;
  }

  void add(char c, PlacedText& word) const {
    // One byte of a wide character is white space for a builder that looks at bytes: the flag would end there.
    if (is_beyond_ascii(c)) refuse_wide();
    word.add(c, text_.places[at_]);
  }

  [[noreturn]] static void refuse_wide() {
    throw Error(Fault::usage, "a byte beyond ASCII in or before a flag, where some builders read white space",
                "write flags in ASCII");
  }

  /// Builders look for flags behind white space beyond ASCII as well.
  void refuse_hidden() const {
    std::size_t at = at_;
    while (at < size() && (is_dockerfile_space(text_.text[at]) || is_beyond_ascii(text_.text[at]))) ++at;
    // Only a flag behind it matters: names of files may have any bytes.
    if (at > at_ && text_.text.compare(at, 2, "--") == 0) refuse_wide();
  }

  const PlacedText& text_;
  char escape_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<PlacedText> take_flags(PlacedText& text, char escape) {
  FlagReader reader(text, escape);
  std::vector<PlacedText> flags = reader.run();
  text = text.part(reader.used(), text.text.size() - reader.used());
  return flags;
}

}  // namespace hallmark::cmd
