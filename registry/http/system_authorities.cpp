// SPDX-License-Identifier: Apache-2.0
#include "registry/http/system_authorities.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "registry/http/certificates.h"
#include "registry/http/curl_library.h"
#include "store/disk/owner.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

/// The library's own folder, if it has one entry at least as OpenSSL names them (HASH.0). One that is empty would be a
/// search for nobody, and every certificate would be untrusted.
std::string find_hashed_authorities() {
  const curl_version_info_data* const version = curl_version_info(CURLVERSION_NOW);
  if (version->age < CURLVERSION_EIGHTH || version->capath == nullptr) return {};
  std::error_code error;
  std::filesystem::directory_iterator entry(version->capath, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.size() == 10 && name.find_first_not_of("0123456789abcdef") == 8 && name.ends_with(".0")) {
      return version->capath;
    }
  }
  return {};
}

/// What the library trusts by itself. It is read here, for a text that is given to the library takes the place of its
/// file and does not add to it.
std::string read_bundle() {
  const curl_version_info_data* const version = curl_version_info(CURLVERSION_NOW);
  if (version->age < CURLVERSION_EIGHTH || version->cainfo == nullptr) return {};
  std::ifstream in(version->cainfo, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!text.empty()) store::require_own_file("certificate file of the system", version->cainfo);
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  return text;
}

/// SSL_CERT_DIR: folders with colons between them.
void require_own_folders(std::string_view folders) {
  while (!folders.empty()) {
    const std::string_view folder = folders.substr(0, folders.find(':'));
    if (!folder.empty()) store::require_own_entries("SSL_CERT_DIR", folder);
    folders.remove_prefix(std::min(folders.size(), folder.size() + 1));
  }
}

}  // namespace

SystemAuthorities find_system_authorities(const Settings& settings) {
  SystemAuthorities authorities{settings.authority_folders, {}, {}};
  require_own_folders(authorities.folder);
  if (authorities.folder.empty()) {
    authorities.folder = find_hashed_authorities();
    // Its hundreds of entries are the system's, who names them as it installs programs: looking at each costs 40 ms.
    if (!authorities.folder.empty()) store::require_own("certificate folder of the system", authorities.folder);
  }
  if (!settings.authority_file.empty()) {
    // Besides the system's authorities. For OpenSSL's own programs it would take their place.
    authorities.added = within("SSL_CERT_FILE", [&] { return read_pem(settings.authority_file); });
    store::require_own_file("SSL_CERT_FILE: certificate file", settings.authority_file);
  }
  if (authorities.folder.empty()) authorities.bundle = read_bundle();
  return authorities;
}

}  // namespace hallmark::registry
