// SPDX-License-Identifier: Apache-2.0
#include "registry/config/credential_helper.h"

#include <algorithm>

#include "registry/process/fed_program.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

constexpr std::size_t kMostInputBytes = std::size_t{32} << 10U;

std::string word_for(HelperVerb verb) {
  switch (verb) {
    case HelperVerb::get: return "get";
    case HelperVerb::store: return "store";
    case HelperVerb::erase: return "erase";
  }
  return "get";
}

/// It becomes the end of a file name. With a slash it would run what lies elsewhere.
void check_name(const std::string& name) {
  const bool sound = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.';
  });
  if (!sound) fail(Fault::usage, "\"", printable(name, 80), "\" is no name of a credential helper");
}

}  // namespace

HelperAnswer ask_helper(const std::string& name, HelperVerb verb, const std::string& input,
                        std::chrono::milliseconds limit, const std::atomic<bool>* interrupted) {
  check_name(name);
  if (input.size() > kMostInputBytes) fail(Fault::usage, "what the credential helper is to be told is too long");
  const std::string program = "docker-credential-" + name;
  const ProgramTask task{
      {program, "credential helper " + program, Fault::usage, "install it, or take it out of docker's config.json"},
      {word_for(verb)},
      limit,
      limit,
      false};
  ProgramAnswer answer = run_fed_program(
      task, [&](ByteSink& in) { in.write(view_of(input)); }, interrupted);
  return {answer.status, std::move(answer.out)};
}

std::string complaint_of(const HelperAnswer& answer, const std::string& secret) {
  const bool has_secret = !secret.empty() && answer.out.find(secret) != std::string::npos;
  if (has_secret || answer.out.find('{') != std::string::npos) return "what it says may hold a secret and is not shown";
  return printable(answer.out.substr(0, answer.out.find('\n')), 200);
}

}  // namespace hallmark::registry
