// SPDX-License-Identifier: Apache-2.0
#include "registry/http/certificates.h"

#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "registry/http/headers.h"
#include "store/disk/owner.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

namespace fs = std::filesystem;

/// All authorities of a system together have a quarter of a MiB: what is larger than this is the wrong file.
constexpr std::uintmax_t kMostPemBytes = std::uintmax_t{4} << 20U;

/// Names of the regular files in the folder, sorted; nothing when there is no such folder.
std::optional<std::set<std::string>> files_in(const fs::path& folder) {
  std::error_code error;
  const auto status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found) return std::nullopt;
  std::set<std::string> names;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_directory(ignored)) names.insert(entry->path().filename().string());
  }
  // A folder that cannot be read is not an empty one: what lies there was meant to count.
  if (error) fail(Fault::local, "certificate folder ", folder.string(), " cannot be read: ", error.message());
  return names;
}

std::string without_extension(const std::string& name) { return name.substr(0, name.find_last_of('.')); }

void take_client_pair(const fs::path& folder, const std::set<std::string>& names, TlsFiles& files) {
  for (const std::string& name : names) {
    const std::string stem = without_extension(name);
    // docker refuses half a pair as well. The server would only end the handshake, and nobody would learn which file is
    // missing.
    if (name.ends_with(".key") && !names.contains(stem + ".cert")) {
      fail(Fault::usage, "missing client certificate ", stem, ".cert for key ", name, " in ", folder.string());
    }
    if (!name.ends_with(".cert")) continue;
    if (!names.contains(stem + ".key")) {
      fail(Fault::usage, "missing key ", stem, ".key for client certificate ", name, " in ", folder.string(),
           "; certificates of authorities have the extension .crt");
    }
    // The first pair in the order of the names counts. The others are looked at all the same.
    if (!files.client_certificate.empty()) continue;
    store::require_own_file("client certificate", folder / name);
    store::require_own_file("client key", folder / (stem + ".key"));
    files.client_certificate = folder / name;
    files.client_key = folder / (stem + ".key");
  }
}

/// "Example.com:443" in a reference is what an address calls "example.com".
bool is_same_host(std::string_view authority, std::string_view as_written) {
  if (as_written.ends_with(":443") && !authority.ends_with(":443")) as_written.remove_suffix(4);
  return lower_case(authority) == lower_case(as_written);
}

/// A host in a file name: what cannot be one has no folder.
bool is_folder_name(const std::string& authority) {
  return !authority.empty() && authority.front() != '.' && authority.find('/') == std::string::npos;
}

}  // namespace

std::string read_pem(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) fail(Fault::local, "certificate file ", file.string(), " cannot be read: ", error.message());
  if (size > kMostPemBytes) fail(Fault::usage, "certificate file ", file.string(), " has ", size, " bytes: too many");
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) fail(Fault::local, "certificate file ", file.string(), " cannot be read");
  // OpenSSL passes over text between certificates: joined to other files, one in DER would be no error, but an
  // authority that does not help.
  if (text.find("-----BEGIN CERTIFICATE-----") == std::string::npos &&
      text.find("-----BEGIN TRUSTED CERTIFICATE-----") == std::string::npos) {
    fail(Fault::usage, "certificate file ", file.string(), " holds no PEM certificate");
  }
  // Files are joined: the first line of the next one must not end up on the last line of this one.
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

Certificates::Certificates(std::vector<fs::path> roots, std::string home, const std::vector<fs::path>& authority_files)
    : roots_(std::move(roots)), home_(std::move(home)) {
  for (const fs::path& file : authority_files) common_authorities_ += read_pem(file);
}

TlsFiles Certificates::read(const std::string& authority) const {
  TlsFiles files;
  if (!is_folder_name(authority)) return files;
  for (const fs::path& root : roots_) {
    const fs::path folder = root / authority;
    const auto names = files_in(folder);
    if (!names || names->empty()) continue;
    for (const std::string& name : *names) {
      if (!name.ends_with(".crt")) continue;
      files.authorities += read_pem(folder / name);
      // After the read: nobody can have put the file there for that moment alone (store/disk/owner.h).
      store::require_own_file("certificate file", folder / name);
    }
    take_client_pair(folder, *names, files);
    return files;
  }
  return files;
}

const TlsFiles& Certificates::for_host(const std::string& authority) const {
  // Held while files are read: threads that ask for the same host wait, and the files are read once.
  const std::lock_guard lock(mutex_);
  const auto known = known_.find(authority);
  if (known != known_.end()) return known->second;
  const bool is_home = is_same_host(authority, home_);
  TlsFiles files = read(is_home ? home_ : authority);
  // Token servers and places of blobs are often under the registry's own authority. Its client certificate is not shown
  // to them: it is for the registry alone.
  if (!is_home) files.authorities += read(home_).authorities;
  files.authorities += common_authorities_;
  return known_.emplace(authority, std::move(files)).first->second;
}

std::string Certificates::place_for(const std::string& authority) const {
  return roots_.empty() ? std::string() : (roots_.front() / authority / "ca.crt").string();
}

}  // namespace hallmark::registry
