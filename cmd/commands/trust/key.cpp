// SPDX-License-Identifier: Apache-2.0
//
// hallmark trust key ...: the private keys of a publisher, in docker's folder and docker's and notary's format.
#include <algorithm>
#include <ostream>
#include <set>

#include "cmd/cli/batch.h"
#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/output/format.h"
#include "cmd/publishing/brought_keys.h"
#include "cmd/publishing/key_store.h"
#include "cmd/publishing/key_uses.h"
#include "cmd/publishing/passphrases.h"
#include "cmd/publishing/private_file.h"
#include "cmd/publishing/signer.h"
#include "trust/crypto/key_file.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

namespace fs = std::filesystem;

KeyStore key_store(const Environment& environment) { return KeyStore(docker_config(environment)); }

// The name becomes a file name and a header of a key file: no slash, no line end, no leading dash.
void check_key_name(const std::string& name) {
  if (is_signer_name(name)) return;
  fail(Fault::usage, "key name \"", printable(name, 80),
       "\" must start with lowercase alphanumeric characters and can include \"-\" or \"_\" after the first character");
}

/// The keys in their stored form, one after the other.
std::string bundle_of(const KeyStore& keys, const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) {
    const StoredKey stored = keys.read(id);
    // A key that older programs stored in the clear: a copy of it on a stick would open for anybody.
    if (!stored.file.encrypted) {
      throw Error(Fault::usage, "key " + id + " is stored without a passphrase, and would leave so",
                  "give it one first: notary key passwd " + id);
    }
    text += crypto::write_for_bundle(stored.file, id);
  }
  return text;
}

/// What a loaded key is stored as.
struct KeyPlace {
  std::string role;
  std::string gun;
};

KeyPlace key_place_of(const crypto::KeyFile& file, const std::optional<std::string>& name) {
  if (file.role.empty()) return {name.value_or("signer"), ""};
  // One of both is wrong, and a key has one role.
  if (name && *name != file.role) {
    throw Error(Fault::usage,
                "the file says that its key is one of " + printable(file.role, 80) + ", --name says " + *name,
                "leave --name away, or give the name that the file has");
  }
  // A role from a file is somebody's text; it becomes a header of ours. Notary writes delegations in full.
  if (!is_delegation(file.role)) check_key_name(file.role);
  return {file.role, file.gun};
}

void load_key(const crypto::KeyFile& file, const KeyPlace& place, const std::string& called, const KeyStore& keys,
              Passphrases& passphrases, std::ostream& out) {
  // It is opened although it could be copied as it is: only then is it known which key it is.
  const OpenedKey opened = passphrases.open_foreign(file, place.role, called);
  const std::string id = canonical_id(opened.key.public_key());
  // Whoever brought an encrypted key knows its passphrase; of one in the clear a new one is asked for.
  const bool is_protected = opened.passphrase != nullptr && !opened.passphrase->empty();
  // Nothing is stored in the clear.
  const crypto::Secret& passphrase = is_protected ? *opened.passphrase : passphrases.for_new(place.role, id);
  const bool is_new = keys.save(opened.key, place.role, place.gun, passphrase);
  out << "  " << id << " (" << place.role << (is_new ? ")\n" : "), which was here already and keeps its passphrase\n");
}

/// Of the repositories that the keys name. What cannot be read is told, and hides no key.
KeyUses remembered_uses(const KeyStore& keys, const Arguments& arguments, const Environment& environment,
                        Batch& batch) {
  std::set<std::string> guns;
  for (const std::string& id : keys.ids()) {
    try {
      guns.insert(keys.read(id).file.gun);
    } catch (const Error&) {
      continue;  // told where it is listed
    }
  }
  guns.erase("");
  KeyUses uses;
  if (guns.empty()) return uses;
  const fs::path docker = docker_config(environment);
  const TrustedMetadataStore memory = TrustedMetadataStore::beside(store_directory(arguments, environment), docker);
  for (const std::string& gun : guns) batch.attempt([&] { uses.add(gun, memory); });
  return uses;
}

void write_uses(const std::optional<std::vector<KeyUse>>& uses, json::Writer& writer) {
  if (!uses) {
    writer.key("Signs").null().end_object();
    return;
  }
  writer.key("Signs").begin_array();
  for (const KeyUse& use : *uses) {
    writer.begin_object().member("Gun", use.gun).member("Role", use.role).member("Id", use.id).end_object();
  }
  writer.end_array().end_object();
}

std::string uses_text(const std::optional<std::vector<KeyUse>>& uses) {
  if (!uses) return "-";
  if (uses->empty()) return "nothing";
  std::string text;
  for (const KeyUse& use : *uses) {
    text += (text.empty() ? "" : ", ") + use.role + " of " + use.gun;
    // The one id that is not the key's: whoever looks for a pin looks for this.
    if (use.role == "root") text += " as " + use.id;
  }
  return text;
}

}  // namespace

Options trust_key_generate_options() {
  Options options("trust key generate [OPTIONS] NAME",
                  "Generate a signing key-pair: the private key is stored, the public key written to NAME.pub",
                  "hallmark trust key generate alice");
  options.value("dir", "DIR", "Folder for the public key; the current one without it").operands(1, 1);
  return options;
}

int trust_key_generate(const Arguments& arguments, Environment& environment) {
  const std::string& name = arguments.operands()[0];
  check_key_name(name);
  const fs::path folder = arguments.value("dir") ? fs::path(*arguments.value("dir")) : fs::current_path();
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    fail(Fault::usage, "public key path does not exist: \"", printable(folder.string(), 300), "\"");
  }
  const fs::path file = folder / (name + ".pub");
  // Before a key is made. A link counts although it leads nowhere: nothing is written over or through it.
  if (fs::exists(fs::symlink_status(file, ignored))) {
    fail(Fault::usage, "public key file already exists: \"", printable(file.string(), 300), "\"");
  }
  environment.out << "Generating key for " << name << "..." << std::endl;
  const KeyStore keys = key_store(environment);
  Passphrases passphrases(environment);
  const crypto::SecretKey key = crypto::SecretKey::generate_ecdsa();
  const std::string id = canonical_id(key.public_key());
  // No repository is written into it: a signer's key is for all of them.
  if (!keys.save(key, name, "", passphrases.for_new(name, id))) fail(Fault::local, "a new key was here already: ", id);
  try {
    write_private_file(file, view_of(crypto::write_public_key_file(key.public_key(), name)));
  } catch (const Error&) {
    // A private key whose public half nobody has is of no use, and would be taken for the one that was asked for.
    keys.remove(id);
    throw;
  }
  environment.out << "Successfully generated and loaded private key. Corresponding public key available: "
                  << printable(file.string(), 300) << "\n";
  return 0;
}

Options trust_key_load_options() {
  Options options("trust key load [OPTIONS] KEYFILE",
                  "Load the private keys of a file: PEM as docker, notary and openssl write it, encrypted or not",
                  "hallmark trust key load --name alice alice.pem");
  options.value("name", "NAME", "Name for a key whose file does not say it (default \"signer\")").operands(1, 1);
  return options;
}

int trust_key_load(const Arguments& arguments, Environment& environment) {
  const std::string& file = arguments.operands()[0];
  const auto name = arguments.value("name");
  if (name) check_key_name(*name);
  environment.out << "Loading key from \"" << printable(file, 300) << "\"..." << std::endl;
  const std::vector<crypto::KeyFile> files = read_brought_keys(file);
  const KeyStore keys = key_store(environment);
  Passphrases passphrases(environment);
  Batch batch(environment.err);
  // Keys of several repositories may have passphrases of their own: one that does not open keeps none of the others
  // out.
  for (std::size_t place = 0; place < files.size(); ++place) {
    batch.attempt([&] {
      within("error importing key from " + printable(file, 300), [&] {
        load_key(files[place], key_place_of(files[place], name), name_of_brought(files, place, file), keys, passphrases,
                 environment.out);
      });
    });
  }
  if (batch.status() == 0) environment.out << "Successfully imported key from " << printable(file, 300) << "\n";
  return batch.status();
}

Options trust_key_ls_options() {
  Options options("trust key ls [OPTIONS]", "List the private keys that this user can sign with",
                  "hallmark trust key ls");
  options.flag("json", "Print one JSON array").flag("quiet,q", "Print ids alone").operands(0, 0);
  return options;
}

int trust_key_ls(const Arguments& arguments, Environment& environment) {
  const KeyStore keys = key_store(environment);
  const bool quiet = arguments.truth("quiet", false);
  const bool is_json = arguments.truth("json", false);
  json::Writer writer(0);
  writer.begin_array();
  Table table({"ROLE", "GUN", "KEY ID", "LOCATION", "SIGNS NOW"});
  Batch batch(environment.err);
  const KeyUses uses = quiet && !is_json ? KeyUses() : remembered_uses(keys, arguments, environment, batch);
  // One file that is no key does not hide the others.
  for (const std::string& id : keys.ids()) {
    batch.attempt([&] {
      const StoredKey stored = keys.read(id);
      if (quiet && !is_json) environment.out << id << "\n";
      writer.begin_object().member("Id", id).member("Role", printable(stored.file.role, 80));
      const std::string gun = printable(stored.file.gun, 200);
      writer.key("Gun").string_or_null(gun.empty() ? std::nullopt : std::optional(gun));
      write_uses(uses.of(stored), writer);
      table.add({printable(stored.file.role, 80), gun, id, printable(stored.path.parent_path().string(), 300),
                 uses_text(uses.of(stored))});
    });
  }
  if (is_json) {
    environment.out << writer.end_array().text() << "\n";
  } else if (!quiet) {
    environment.out << table.text();
  }
  return batch.status();
}

Options trust_key_export_options() {
  Options options("trust key export [OPTIONS] KEY_ID...",
                  "Write private keys as they are stored, encrypted, for notary key import or trust key load",
                  "hallmark trust key export --output alice.pem 1a2b3c4");
  options.value("output,o", "FILE", "A new file instead of standard output").operands(1, kNoLimit);
  return options;
}

int trust_key_export(const Arguments& arguments, Environment& environment) {
  const KeyStore keys = key_store(environment);
  std::vector<std::string> ids;
  // All of them are found before anything is written.
  for (const std::string& prefix : arguments.operands()) ids.push_back(keys.find(prefix));
  const std::string text = bundle_of(keys, ids);
  if (const auto file = arguments.value("output")) {
    write_private_file(*file, view_of(text));
  } else {
    environment.out << text;
  }
  return 0;
}

Options trust_key_backup_options() {
  Options options("trust key backup FILE",
                  "Write all private keys, encrypted as they are stored, into one new file, and read it back",
                  "hallmark trust key backup /media/stick/keys.pem");
  options.operands(1, 1);
  return options;
}

int trust_key_backup(const Arguments& arguments, Environment& environment) {
  const KeyStore keys = key_store(environment);
  const std::vector<std::string> ids = keys.ids();
  // An empty backup that succeeds would be trusted.
  if (ids.empty()) fail(Fault::missing, "there are no keys in ", printable(keys.folder().string(), 300));
  const fs::path file = arguments.operands()[0];
  write_private_file(file, view_of(bundle_of(keys, ids)));
  const std::vector<crypto::KeyFile> back = crypto::read_key_files(read_private_file(file));
  // A backup is read when everything else is lost: whether it can be read is found out now.
  const bool is_whole = std::equal(back.begin(), back.end(), ids.begin(), ids.end(),
                                   [](const crypto::KeyFile& one, const std::string& id) { return one.path == id; });
  if (!is_whole) fail(Fault::local, printable(file.string(), 300), " does not hold what was written");
  environment.out << "Backed up " << ids.size() << (ids.size() == 1 ? " key to " : " keys to ")
                  << printable(file.string(), 300) << "; each opens with its own passphrase\n";
  return 0;
}

}  // namespace hallmark::cmd
