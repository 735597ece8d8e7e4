// SPDX-License-Identifier: Apache-2.0
//
// Fuzzing: each target takes any bytes at all and asks one reader about them. To refuse is an answer; to crash, to
// throw anything but Error, or to fail as only this machine's own trouble may, is a finding.
#pragma once

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "trust/bytes.h"
#include "trust/error.h"

namespace hallmark::fuzz {

/// One target a reader of documents from outside. `replay` runs them all over the corpus.
void archive(ByteView input);
void archive_documents(ByteView input);
void archive_entries(ByteView input);
void image_documents(ByteView input);
void index_file(ByteView input);
void keys(ByteView input);
void layer(ByteView input);
void names(ByteView input);
void policy_file(ByteView input);
void registry_answers(ByteView input);
void trust_documents(ByteView input);
void trust_memory(ByteView input);

/// Asks, and takes a refusal for an answer.
template <class Question>
void ask(const Question& question) {
  try {
    question();
  } catch (const Error& error) {
    if (error.fault() != Fault::local) return;
    std::cerr << "blames this machine for what came from outside: " << error.what() << std::endl;
    std::abort();
  }
}

/// The first byte chooses among `count` questions, the rest is what is asked about.
struct Choice {
  std::size_t number;
  ByteView rest;
};
inline Choice choose(ByteView input, std::size_t count) {
  if (input.empty()) return {0, input};
  return {input.front() % count, input.subspan(1)};
}

/// Several documents in one input, with this line between them.
constexpr std::string_view kBetween = "\n----\n";
inline std::vector<std::string> split(ByteView input) {
  const std::string_view text = text_of(input);
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(kBetween, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + kBetween.size();
  }
  return parts;
}

}  // namespace hallmark::fuzz
