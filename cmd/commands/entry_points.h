// SPDX-License-Identifier: Apache-2.0
//
// The commands, each in the file of its name: its options, and what it does. They come together in table.cpp.
#pragma once

#include "cmd/cli/command.h"

namespace hallmark::cmd {

Options completion_options();
int completion(const Arguments& arguments, Surroundings& surroundings);
Options history_options();
int history(const Arguments& arguments, Surroundings& surroundings);
Options image_prune_options();
int image_prune(const Arguments& arguments, Surroundings& surroundings);
Options images_options();
int images(const Arguments& arguments, Surroundings& surroundings);
Options import_options();
int import_image(const Arguments& arguments, Surroundings& surroundings);
Options inspect_options();
int inspect(const Arguments& arguments, Surroundings& surroundings);
Options load_options();
int load(const Arguments& arguments, Surroundings& surroundings);
Options verify_bundle_options();
int verify_bundle(const Arguments& arguments, Surroundings& surroundings);
Options version_options();
int version(const Arguments& arguments, Surroundings& surroundings);
Options login_options();
int login(const Arguments& arguments, Surroundings& surroundings);
Options logout_options();
int logout(const Arguments& arguments, Surroundings& surroundings);
Options rmi_options();
int rmi(const Arguments& arguments, Surroundings& surroundings);
Options bundle_ls_options();
int bundle_ls(const Arguments& arguments, Surroundings& surroundings);
Options save_options();
int save(const Arguments& arguments, Surroundings& surroundings);
Options check_options();
int check(const Arguments& arguments, Surroundings& surroundings);
Options tag_options();
int tag(const Arguments& arguments, Surroundings& surroundings);
Options manifest_inspect_options();
int manifest_inspect(const Arguments& arguments, Surroundings& surroundings);
Options pull_options();
int pull(const Arguments& arguments, Surroundings& surroundings);
Options push_options();
int push(const Arguments& arguments, Surroundings& surroundings);
Options resolve_options();
int resolve(const Arguments& arguments, Surroundings& surroundings);
Options trust_init_options();
int trust_init(const Arguments& arguments, Surroundings& surroundings);
Options trust_renew_options();
int trust_renew(const Arguments& arguments, Surroundings& surroundings);
Options trust_rotate_options();
int trust_rotate(const Arguments& arguments, Surroundings& surroundings);
Options trust_status_options();
int trust_status(const Arguments& arguments, Surroundings& surroundings);
Options trust_sign_options();
int trust_sign(const Arguments& arguments, Surroundings& surroundings);
Options trust_revoke_options();
int trust_revoke(const Arguments& arguments, Surroundings& surroundings);
Options trust_delegation_add_options();
int trust_delegation_add(const Arguments& arguments, Surroundings& surroundings);
Options trust_delegation_ls_options();
int trust_delegation_ls(const Arguments& arguments, Surroundings& surroundings);
Options trust_delegation_remove_options();
int trust_delegation_remove(const Arguments& arguments, Surroundings& surroundings);
Options trust_signer_add_options();
int trust_signer_add(const Arguments& arguments, Surroundings& surroundings);
Options trust_signer_remove_options();
int trust_signer_remove(const Arguments& arguments, Surroundings& surroundings);
Options verify_options();
int verify(const Arguments& arguments, Surroundings& surroundings);
Options trust_inspect_options();
int trust_inspect(const Arguments& arguments, Surroundings& surroundings);
Options trust_key_generate_options();
int trust_key_generate(const Arguments& arguments, Surroundings& surroundings);
Options trust_key_load_options();
int trust_key_load(const Arguments& arguments, Surroundings& surroundings);
Options trust_key_ls_options();
int trust_key_ls(const Arguments& arguments, Surroundings& surroundings);
Options trust_key_export_options();
int trust_key_export(const Arguments& arguments, Surroundings& surroundings);
Options trust_key_backup_options();
int trust_key_backup(const Arguments& arguments, Surroundings& surroundings);
Options policy_check_options();
int policy_check(const Arguments& arguments, Surroundings& surroundings);
Options policy_explain_options();
int policy_explain(const Arguments& arguments, Surroundings& surroundings);
Options policy_match_options();
int policy_match(const Arguments& arguments, Surroundings& surroundings);
Options policy_schema_options();
int policy_schema(const Arguments& arguments, Surroundings& surroundings);

}  // namespace hallmark::cmd
