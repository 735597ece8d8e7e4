// SPDX-License-Identifier: Apache-2.0
#include "cmd/commands/table.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cmd/commands/entry_points.h"

namespace hallmark::cmd {
namespace {

constexpr std::array kCommands{
    Command{"bundle ls", "List the images of an archive", bundle_ls_options, bundle_ls},
    Command{"check", "Re-hash every blob of the local store", check_options, check},
    Command{"completion", "Print a script that completes command lines", completion_options, completion},
    Command{"history", "Show the steps by which an image was made", history_options, history},
    Command{"image prune", "Remove images that no tag names", image_prune_options, image_prune},
    Command{"images", "List images", images_options, images},
    Command{"import", "Make an image from a root file system tar", import_options, import_image},
    Command{"inspect", "Print what is known of images", inspect_options, inspect},
    Command{"load", "Load images from an archive once everything was verified", load_options, load},
    Command{"login", "Log in to a registry", login_options, login},
    Command{"logout", "Log out from a registry", logout_options, logout},
    Command{"manifest inspect", "Print what a registry has under a name", manifest_inspect_options, manifest_inspect},
    Command{"policy check", "Read the policy file and tell what it says", policy_check_options, policy_check},
    Command{"policy explain", "Tell what the policy says about a name, and why", policy_explain_options,
            policy_explain},
    Command{"policy match", "Tell which scope of the policy holds for a name", policy_match_options, policy_match},
    Command{"policy schema", "Print the JSON schema of policies", policy_schema_options, policy_schema},
    Command{"pull", "Pull an image into the local store once everything was verified", pull_options, pull},
    Command{"push", "Push an image of the local store to a registry", push_options, push},
    Command{"resolve", "Print the digests of names that trust and policy admit", resolve_options, resolve},
    Command{"rmi", "Remove images", rmi_options, rmi},
    Command{"save", "Save images to a tar archive, with the trust data that vouches for them", save_options, save},
    Command{"tag", "Give an image another name", tag_options, tag},
    Command{"trust init", "Begin a signed repository", trust_init_options, trust_init},
    Command{"trust inspect", "Print signatures and keys of a repository", trust_inspect_options, trust_inspect},
    Command{"trust renew", "Sign the roles of a repository again, with a later end", trust_renew_options, trust_renew},
    Command{"trust revoke", "Take back what is signed of a tag or a repository", trust_revoke_options, trust_revoke},
    Command{"trust rotate", "Give a role of a repository other keys", trust_rotate_options, trust_rotate},
    Command{"trust sign", "Sign what the registry has under a tag", trust_sign_options, trust_sign},
    Command{"trust status", "Print how long the roles of repositories are good", trust_status_options, trust_status},
    Command{"trust delegation add", "Make a delegation, or give it keys, paths, a threshold",
            trust_delegation_add_options, trust_delegation_add},
    Command{"trust delegation ls", "List delegations with their paths and keys", trust_delegation_ls_options,
            trust_delegation_ls},
    Command{"trust delegation remove", "Remove a delegation, or keys and paths of it", trust_delegation_remove_options,
            trust_delegation_remove},
    Command{"trust key backup", "Write all private keys into one file", trust_key_backup_options, trust_key_backup},
    Command{"trust key export", "Write private keys as they are stored, encrypted", trust_key_export_options,
            trust_key_export},
    Command{"trust key generate", "Generate and load a signing key-pair", trust_key_generate_options,
            trust_key_generate},
    Command{"trust key load", "Load a private key file for signing", trust_key_load_options, trust_key_load},
    Command{"trust key ls", "List private keys", trust_key_ls_options, trust_key_ls},
    Command{"trust signer add", "Let somebody sign repositories", trust_signer_add_options, trust_signer_add},
    Command{"trust signer remove", "Take a signer out of repositories", trust_signer_remove_options,
            trust_signer_remove},
    Command{"verify", "Decide about an image; fetch no layers, commit nothing", verify_options, verify},
    Command{"verify-bundle", "Check an archive and decide about its images; commit nothing", verify_bundle_options,
            verify_bundle},
    Command{"version", "Print the version", version_options, version},
};

/// Docker's group names of the same commands.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kAliases{{{"image history", "history"},
                                                                                  {"image import", "import"},
                                                                                  {"image inspect", "inspect"},
                                                                                  {"image list", "images"},
                                                                                  {"image load", "load"},
                                                                                  {"image ls", "images"},
                                                                                  {"image pull", "pull"},
                                                                                  {"image push", "push"},
                                                                                  {"image remove", "rmi"},
                                                                                  {"image rm", "rmi"},
                                                                                  {"image save", "save"},
                                                                                  {"image tag", "tag"}}};

// Some forty entries: a search in order is nothing beside the start of the program.
const Command* named(std::string_view name) {
  const auto* found =
      std::find_if(kCommands.begin(), kCommands.end(), [&](const Command& command) { return command.name == name; });
  return found == kCommands.end() ? nullptr : found;
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

// Options before the command are those that every command has: "hallmark --store DIR pull NAME", as docker takes its
// own.
std::size_t count_of_leading(const std::vector<std::string>& words) {
  const std::vector<Option> common = Options("", "", "").list();
  std::size_t count = 0;
  while (count < words.size() && words[count].starts_with('-')) {
    const bool takes_value = std::any_of(common.begin(), common.end(), [&](const Option& option) {
      return !option.placeholder.empty() && words[count] == "--" + option.name;
    });
    // What nobody knows counts as one word: the command then refuses it by its name.
    count += takes_value && count + 1 < words.size() ? 2U : 1U;
  }
  return count;
}

const Command* find_command(std::string_view name) {
  if (const Command* command = named(name)) return command;
  const auto* alias =
      std::find_if(kAliases.begin(), kAliases.end(), [&](const auto& one) { return one.first == name; });
  return alias == kAliases.end() ? nullptr : named(alias->second);
}

std::vector<NamedCommand> named_commands() {
  std::vector<NamedCommand> all;
  all.reserve(kCommands.size() + kAliases.size());
  for (const Command& command : kCommands) all.push_back({command.name, &command});
  for (const auto& [alias, name] : kAliases) {
    if (const Command* command = named(name)) all.push_back({alias, command});
  }
  std::sort(all.begin(), all.end(), [](const NamedCommand& a, const NamedCommand& b) { return a.name < b.name; });
  return all;
}

}  // namespace hallmark::cmd
