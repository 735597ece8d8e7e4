// SPDX-License-Identifier: Apache-2.0
//
// The commands, each in the file of its name: its options, and what it does. They come together in table.cpp.
#pragma once

#include "cmd/cli/command.h"

namespace hallmark::cmd {

/// Fault::usage for another shell than the three.
Options completion_options();
int completion(const Arguments& arguments, Environment& environment);
/// Fault::missing when the image is not here, Fault::corrupt when its layers and its history do not agree.
Options history_options();
int history(const Arguments& arguments, Environment& environment);
/// Asks unless --force is given; a no is success, and removes nothing.
Options image_prune_options();
int image_prune(const Arguments& arguments, Environment& environment);
/// Looks at the store alone. An image that cannot be read is told, and the others are listed.
Options images_options();
int images(const Arguments& arguments, Environment& environment);
/// Nobody signs such an image: the policy decides about its name, before and after it is made.
Options import_options();
int import_image(const Arguments& arguments, Environment& environment);
/// All arguments are tried, and one status speaks for them.
Options inspect_options();
int inspect(const Arguments& arguments, Environment& environment);
/// All names of the archive come in, in one step, or none does.
Options load_options();
int load(const Arguments& arguments, Environment& environment);
/// The decisions of load; nothing is committed or remembered, whatever they are.
Options verify_bundle_options();
int verify_bundle(const Arguments& arguments, Environment& environment);
/// Asks nothing of anybody: for scripts that look which version is there.
Options version_options();
int version(const Arguments& arguments, Environment& environment);
/// Keeps credentials only after the registry has taken them, or has asked for none.
Options login_options();
int login(const Arguments& arguments, Environment& environment);
/// Forgets what is kept on this machine. No registry is asked.
Options logout_options();
int logout(const Arguments& arguments, Environment& environment);
/// All arguments are tried. What was removed before a failure or an interruption is told.
Options rmi_options();
int rmi(const Arguments& arguments, Environment& environment);
/// Tells what the archive says of itself. Nothing of it is judged or believed.
Options bundle_ls_options();
int bundle_ls(const Arguments& arguments, Environment& environment);
/// A file appears whole or not at all; a stream that fails has no end mark.
Options save_options();
int save(const Arguments& arguments, Environment& environment);
/// Status 4 when a blob is damaged. Every blob is read before anything is told of them.
Options check_options();
int check(const Arguments& arguments, Environment& environment);
/// A name is a decision: the gate is asked about the new one as about any other.
Options tag_options();
int tag(const Arguments& arguments, Environment& environment);
/// Prints what the registry says. No trust data and no policy are asked, and nothing is stored.
Options manifest_inspect_options();
int manifest_inspect(const Arguments& arguments, Environment& environment);
/// The only way from a registry into the store: what is refused leaves nothing there.
Options pull_options();
int pull(const Arguments& arguments, Environment& environment);
/// Sends the bytes of the store as they are, and signs them under content trust. No gate judges what goes out.
Options push_options();
int push(const Arguments& arguments, Environment& environment);
/// Prints digests of what the gate admitted and of nothing else. A file is changed whole or not at all.
Options resolve_options();
int resolve(const Arguments& arguments, Environment& environment);
/// Fault::local when the repository is there, Fault::refused when it was there before and is hidden now.
Options trust_init_options();
int trust_init(const Arguments& arguments, Environment& environment);
/// Signs what is signed already, with a later end. Nothing that it says changes.
Options trust_renew_options();
int trust_renew(const Arguments& arguments, Environment& environment);
/// What is signed stays, and whoever trusted the repository before goes on.
Options trust_rotate_options();
int trust_rotate(const Arguments& arguments, Environment& environment);
/// Fault::refused when something has ended, or will within the days that are asked for: a scheduled job sees the
/// status.
Options trust_status_options();
int trust_status(const Arguments& arguments, Environment& environment);
/// Signs what the registry has under the tag, or with --local what this store pushes there.
Options trust_sign_options();
int trust_sign(const Arguments& arguments, Environment& environment);
/// Fault::partial when a role without a key here still has what was to go.
Options trust_revoke_options();
int trust_revoke(const Arguments& arguments, Environment& environment);
/// Makes the delegation or adds to it, and reads it back.
Options trust_delegation_add_options();
int trust_delegation_add(const Arguments& arguments, Environment& environment);
/// Only what was verified is listed, as pull would verify it.
Options trust_delegation_ls_options();
int trust_delegation_ls(const Arguments& arguments, Environment& environment);
/// Removes parts of a delegation, or all of it, and reads that back.
Options trust_delegation_remove_options();
int trust_delegation_remove(const Arguments& arguments, Environment& environment);
/// All repositories are tried. One that is not signed yet is begun.
Options trust_signer_add_options();
int trust_signer_add(const Arguments& arguments, Environment& environment);
/// All repositories are tried. Asks where releases would go with the signer.
Options trust_signer_remove_options();
int trust_signer_remove(const Arguments& arguments, Environment& environment);
/// The decision of pull, with its status. No layer is fetched, and no image is stored.
Options verify_options();
int verify(const Arguments& arguments, Environment& environment);
/// Prints what was verified. Content trust is asked where no policy asks trust data.
Options trust_inspect_options();
int trust_inspect(const Arguments& arguments, Environment& environment);
/// A public half that cannot be written takes the private one away with it.
Options trust_key_generate_options();
int trust_key_generate(const Arguments& arguments, Environment& environment);
/// Keys of a file that were stored before one of them failed stay stored.
Options trust_key_load_options();
int trust_key_load(const Arguments& arguments, Environment& environment);
/// Opens no key and asks for no passphrase.
Options trust_key_ls_options();
int trust_key_ls(const Arguments& arguments, Environment& environment);
/// Keys leave as they are stored, encrypted: Fault::usage for one that is not.
Options trust_key_export_options();
int trust_key_export(const Arguments& arguments, Environment& environment);
/// Success means that the file was read back and has every key.
Options trust_key_backup_options();
int trust_key_backup(const Arguments& arguments, Environment& environment);
/// Fault::usage for a policy that cannot be used. Remarks do not change the status.
Options policy_check_options();
int policy_check(const Arguments& arguments, Environment& environment);
/// Status 0 for a refusal as well: the question was what the policy says.
Options policy_explain_options();
int policy_explain(const Arguments& arguments, Environment& environment);
/// Looks at the policy file alone.
Options policy_match_options();
int policy_match(const Arguments& arguments, Environment& environment);
/// The schema is a part of the program: no policy file is read.
Options policy_schema_options();
int policy_schema(const Arguments& arguments, Environment& environment);

}  // namespace hallmark::cmd
