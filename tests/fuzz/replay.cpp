// SPDX-License-Identifier: Apache-2.0
//
// Runs a target over the files of a folder, without libFuzzer: replay TARGET FOLDER
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "tests/fuzz/fuzz.h"

namespace {

using Target = void (*)(hallmark::ByteView);

const std::map<std::string, Target>& targets() {
  namespace fuzz = hallmark::fuzz;
  static const std::map<std::string, Target> all{
      {"archive", fuzz::archive},
      {"archive_documents", fuzz::archive_documents},
      {"archive_entries", fuzz::archive_entries},
      {"image_documents", fuzz::image_documents},
      {"index_file", fuzz::index_file},
      {"keys", fuzz::keys},
      {"layer", fuzz::layer},
      {"names", fuzz::names},
      {"policy_file", fuzz::policy_file},
      {"registry_answers", fuzz::registry_answers},
      {"trust_documents", fuzz::trust_documents},
      {"trust_memory", fuzz::trust_memory},
  };
  return all;
}

}  // namespace

int main(int count, char** arguments) {
  const auto target = count == 3 ? targets().find(arguments[1]) : targets().end();
  if (target == targets().end()) {
    std::cerr << "usage: replay TARGET FOLDER\n";
    return 2;
  }
  std::size_t done = 0;
  for (const auto& item : std::filesystem::directory_iterator(arguments[2])) {
    std::ifstream file(item.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::cerr << item.path().filename() << std::endl;  // the last one is the finding
    target->second(hallmark::view_of(text));
    ++done;
  }
  std::cout << target->first << ": " << done << " inputs\n";
  return done == 0 ? 1 : 0;
}
