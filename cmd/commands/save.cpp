// SPDX-License-Identifier: Apache-2.0
//
// hallmark save: images of the store in one tar that any loader takes, with all that is needed to judge them again.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <ostream>
#include <system_error>

#include "cmd/bundling/bundle_base.h"
#include "cmd/bundling/bundle_signer.h"
#include "cmd/bundling/referrer_evidence.h"
#include "cmd/bundling/tuf_evidence.h"
#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/judging.h"
#include "cmd/images/local_image.h"
#include "cmd/images/still_there.h"
#include "cmd/output/format.h"
#include "cmd/terminal/transfer_line.h"
#include "store/bundle/bundle.h"
#include "store/bundle/split_output.h"
#include "store/disk/output_file.h"
#include "store/tar/tar.h"
#include "trust/error.h"
#include "trust/json.h"
#include "trust/quantity.h"

namespace hallmark::cmd {
namespace {

using Entries = std::vector<store::Entry>;

/// As docker: a repository alone means all its tags.
Entries tags_of(const store::Store& store, const Reference& repository) {
  Entries entries = store.list();
  std::erase_if(entries, [&](const store::Entry& entry) {
    return !entry.name.tag() || entry.name.repository() != repository.repository();
  });
  return entries;
}

Entries entries_for(const store::Store& store, const std::string& text) {
  const std::optional<Reference> name = as_name(text);
  if (name && name->tag_defaulted()) {
    Entries tags = tags_of(store, *name);
    // What has no tags here may be the beginning of an id.
    if (!tags.empty()) return tags;
  }
  std::optional<store::Entry> entry = store.find(text);
  if (!entry) fail_missing(text);
  // Asked by digest, it goes by its digest: the tag that has it today says nothing about what was asked.
  if (name && name->digest()) entry->name = name->at_digest(*name->digest());
  return {*std::move(entry)};
}

Entries entries_for_all(const store::Store& store, const std::vector<std::string>& names) {
  Entries entries;
  for (const std::string& text : names) {
    for (store::Entry& entry : entries_for(store, text)) {
      // "app" and "app:1" name one image twice; a bundle has each name once.
      const bool is_new = std::none_of(entries.begin(), entries.end(),
                                       [&](const store::Entry& other) { return other.name == entry.name; });
      if (is_new) entries.push_back(std::move(entry));
    }
  }
  return entries;
}

/// Which platforms go along: those that are here, unless it is said otherwise.
// The index goes along as it was signed; this says which of its manifests do.
class Platforms {
 public:
  explicit Platforms(const Arguments& arguments) : all_(arguments.truth("all-platforms", false)) {
    const auto named = arguments.value("platform");
    if (named && all_) fail(Fault::usage, "--platform and --all-platforms exclude each other");
    if (named) wanted_ = store::Platform::parse(*named);
  }

  [[nodiscard]] std::vector<Digest> of(const store::Store& store, const store::Entry& entry) const {
    if (!store::is_index(entry.root.media_type)) return of_single(store, entry);
    // Hashed while it is read: platforms of an index that somebody changed are not chosen from.
    const store::Index index = store::parse_index(store.read(entry.root));
    store::Index here;
    // What builders call unknown/unknown is an attestation: nobody misses it among the platforms.
    std::string missing;
    for (const store::Descriptor& listed : index.manifests) {
      if (std::find(entry.manifests.begin(), entry.manifests.end(), listed.digest) != entry.manifests.end()) {
        here.manifests.push_back(listed);
      } else if (!listed.platform || !listed.platform->is_unknown()) {
        missing += (missing.empty() ? "" : ", ") +
                   (listed.platform ? printable(listed.platform->to_string(), 80) : listed.digest.abbreviated());
      }
    }
    // Found now and not where the bundle is loaded, which may have no network to mend it with.
    if (all_ && !missing.empty()) {
      throw Error(Fault::missing, "of the platforms of the index some are not in the store: " + missing,
                  "pull it with --all-platforms, or save what is here without it");
    }
    if (wanted_) return {chosen(store, here, entry).digest};
    std::vector<Digest> digests;
    for (const store::Descriptor& manifest : here.manifests) digests.push_back(manifest.digest);
    return digests;
  }

 private:
  [[nodiscard]] std::vector<Digest> of_single(const store::Store& store, const store::Entry& entry) const {
    if (wanted_) {
      const store::Manifest manifest = store::parse_manifest(store.read(entry.root));
      // A manifest that no index lists tells its platform in its config alone.
      const store::Platform found = store::parse_config(store.read(manifest.config).bytes).platform;
      if (found.contradicts(*wanted_) || found.os.empty() || found.architecture.empty()) {
        fail(Fault::missing, "no matching platform: wanted ", wanted_->to_string(), ", the image is for ",
             printable(found.to_string(), 80));
      }
    }
    return {entry.root.digest};
  }

  [[nodiscard]] const store::Descriptor& chosen(const store::Store& store, const store::Index& here,
                                                const store::Entry& entry) const {
    // All of them are images: they were brought in as such.
    const auto look = [&](const store::Descriptor& listed) {
      const store::Descriptor config = store::parse_manifest(store.read(listed)).config;
      return std::optional(store::parse_config(store.read(config).bytes).platform);
    };
    try {
      // Among those that are here: an index names platforms that were never pulled.
      return within(entry.name.familiar(), [&]() -> const store::Descriptor& { return here.choose(*wanted_, look); });
    } catch (const Error& error) {
      if (error.fault() != Fault::missing) throw;
      throw Error(Fault::missing, std::string("not in the store: ") + error.what(),
                  "hallmark pull --platform " + wanted_->to_string() + " brings it in");
    }
  }

  bool all_;
  std::optional<store::Platform> wanted_;
};

/// What goes through it, counted: a compressed archive is smaller than its parts.
// Under the compressor, so that it counts what is on the disk.
class CountedOutput final : public ByteSink {
 public:
  explicit CountedOutput(ByteSink& out) : out_(out) {}
  void write(ByteView piece) override {
    out_.write(piece);
    count_ += piece.size();
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  ByteSink& out_;
  std::uint64_t count_ = 0;
};

/// Not through a stream: when a signal comes while a pipe is full and part of a piece is in it, a stream would go on
/// waiting for the reader with the rest.
class StandardOutput final : public ByteSink {
 public:
  // What the stream holds goes out first: from here on the descriptor is written without it.
  explicit StandardOutput(const Environment& environment) : interrupted_(environment.interrupted) {
    environment.out.flush();
  }
  void write(ByteView piece) override {
    while (!piece.empty()) {
      // The handlers of signals restart no call: a write that waits for a slow reader ends with EINTR, and this is
      // asked.
      if (interrupted_) fail(Fault::interrupted, "interrupted");
      const ssize_t count = ::write(STDOUT_FILENO, piece.data(), piece.size());
      if (count >= 0) {
        piece = piece.subspan(static_cast<std::size_t>(count));
      } else if (errno == EAGAIN) {  // somebody who shares it has made it non-blocking
        pollfd ready{STDOUT_FILENO, POLLOUT, 0};
        ::poll(&ready, 1, -1);
      } else if (errno != EINTR) {
        throw Error(Fault::local, "standard output cannot be written: " + std::generic_category().message(errno),
                    "look at the program that reads it, or use --output");
      }
    }
  }

 private:
  const std::atomic<bool>& interrupted_;
};

store::BundlePlan bundle_plan_of(Judging& judging, const Entries& entries, const Platforms& platforms) {
  store::BundlePlan bundle_plan;
  bundle_plan.creator = std::string("hallmark/") + HALLMARK_VERSION;
  for (const store::Entry& entry : entries) {
    // All platforms before any evidence: what cannot be saved is found before a server is asked.
    bundle_plan.images.push_back({entry.name, entry.root, within(entry.name.familiar(), [&] {
                                    return platforms.of(judging.admission.store(), entry);
                                  })});
  }
  for (const store::Entry& entry : entries) {
    add_tuf_evidence(judging.admission, judging.settings, entry.name, bundle_plan);
  }
  add_referring_evidence(judging.admission.store(), judging.settings, bundle_plan);
  return bundle_plan;
}

// "none" is what holds without the option, and may be said.
store::Compression compression_of(const Arguments& arguments) {
  const std::string named = arguments.value("compress").value_or("none");
  if (named == "none") return store::Compression::none;
  if (named == "gzip") return store::Compression::gzip;
  if (named == "zstd") return store::Compression::zstd;
  fail(Fault::usage, "--compress: expected gzip or zstd, found ", printable(named, 80));
}

/// A bundle that builds on one that it has just replaced could never be loaded.
void require_other_file(const std::string& file, const std::vector<std::string>& bases) {
  for (const std::string& base : bases) {
    std::error_code error;  // what is not there is no other file's
    if (!std::filesystem::equivalent(file, base, error)) continue;
    throw Error(Fault::usage, "--base and --output are the same file, " + printable(file, 300),
                "choose another name for the bundle that builds on it");
  }
}

/// How many bytes that were.
std::uint64_t write(const Judging& judging, const std::vector<store::Part>& parts, store::Compression compression,
                    ByteSink& target) {
  CountedOutput out(target);
  std::uint64_t size = 0;
  for (const store::Part& part : parts) size += part.size();
  TransferLine transfer(judging.environment, false, "Saving", size);
  const auto progress = [&](std::uint64_t bytes) {
    transfer.passed(bytes);
    if (judging.environment.interrupted) fail(Fault::interrupted, "interrupted");
  };
  if (compression == store::Compression::none) {
    store::write_bundle(judging.admission.store(), parts, out, progress);
  } else {
    store::Compressor compressor(compression, out);
    // Only finish() writes the end of the compression: a run that fails before leaves a stream that nobody takes for
    // whole.
    store::write_bundle(judging.admission.store(), parts, compressor, progress);
    compressor.finish();
  }
  return out.count();
}

struct Target {
  std::optional<std::string> file;         // absent: standard output
  std::optional<std::uint64_t> part_size;  // of a bundle that is split
  store::Compression compression;
};

/// How many bytes that were.
std::uint64_t write_to(const Target& target, const Judging& judging, const std::vector<store::Part>& parts) {
  if (!target.file) {
    StandardOutput out(judging.environment);
    return write(judging, parts, target.compression, out);
  }
  if (target.part_size) {
    // The header is written last, so that parts without one are those of a run that did not end.
    store::SplitOutput out(*target.file, *target.part_size);
    const std::uint64_t size = write(judging, parts, target.compression, out);
    out.finish(store::statement_of(parts));
    return size;
  }
  store::OutputFile out(*target.file);
  const std::uint64_t size = write(judging, parts, target.compression, out);
  out.finish();
  return size;
}

/// One object: where it is, what it is known by, and the images in their order.
std::string json_of(const std::string& file, std::uint64_t size, const Digest& statement, const Entries& entries) {
  json::Writer writer(0);
  writer.begin_object()
      .member("Output", path_in_json(file))
      .key("Size")
      .size(size)
      .member("Statement", statement.to_string());
  writer.key("Images").begin_array();
  for (const store::Entry& entry : entries) {
    writer.begin_object().member("Name", entry.name.to_string());
    writer.member("Digest", entry.told().to_string()).end_object();
  }
  return writer.end_array().end_object().text();
}

}  // namespace

Options save_options() {
  Options options(
      "save [OPTIONS] NAME [NAME...]",
      "Save images to a tar archive (streamed to STDOUT by default), with the trust data that vouches for them",
      "hallmark save -o app.tar registry.example/app:1.0");
  options.value("output,o", "FILE", "Write to a file, instead of STDOUT")
      .value("platform", "OS/ARCH[/VARIANT]", "Save only this platform of an index")
      .flag("all-platforms", "Fail unless every platform of an index is there")
      .value("base", "BUNDLE", "Leave out the layers that this bundle (a file, or - for STDIN) has; may be repeated")
      .value("split", "SIZE", "Write parts of this size (700MB, 4GiB): FILE.001 and so on, with their header FILE.000")
      .flag("json", "Print one JSON object: file, bytes, digest of the statement, images; needs --output")
      .value("sign", "KEY", "Sign the bundle's statement with the secret key of a file, or of this id")
      .value("compress", "gzip|zstd", "Compress the archive as a whole")
      .flag("disable-content-trust", "Do not ask for the trust data that DOCKER_CONTENT_TRUST asks for")
      .operands(1, kNoLimit);
  return options;
}

int save(const Arguments& arguments, Environment& environment) {
  const auto file = arguments.value("output");
  const bool is_json = arguments.truth("json", false);
  // Standard output has the archive or the JSON, never both.
  if (is_json && !file) throw Error(Fault::usage, "--json needs the name of a file", "add --output FILE");
  // Docker's words: bytes of a tar on a terminal help nobody, and may command it.
  if (!file && environment.out_is_terminal) {
    throw Error(Fault::usage, "cowardly refusing to save to a terminal",
                "use the -o flag or redirect: hallmark save NAME > FILE");
  }
  const auto split = arguments.value("split");
  if (split && !file) throw Error(Fault::usage, "--split needs the name of a file", "add --output FILE");
  Target target{file, std::nullopt, compression_of(arguments)};
  if (split) target.part_size = parse_byte_count("--split", *split);
  // The last value would win, and the other key would seem to have signed.
  if (arguments.values("sign").size() > 1) fail(Fault::usage, "--sign: expected one key, found several");
  const std::vector<std::string> bases = arguments.values("base");
  // Before anything is asked or written.
  if (file) require_other_file(*file, bases);
  const Platforms platforms(arguments);
  // Before the trust data are gathered: the time can only be too early, and the bundle be taken for older than it is.
  const std::optional<Time> created = packing_time(environment, arguments.value("sign").has_value());
  Judging judging = open_judging(arguments, environment, {content_trust(arguments, environment)});
  const Entries entries = entries_for_all(judging.admission.store(), arguments.operands());
  std::optional<StatementKey> key;
  // A passphrase is asked for now, and not after minutes of gathering, when nobody may be there to type it.
  if (const auto named = arguments.value("sign")) key = StatementKey::open(*named, environment);
  // What is removed meanwhile is told as that; else a damaged store and a busy one would read alike.
  return while_there(judging.admission.store(), entries, [&] {
    store::BundlePlan bundle_plan = bundle_plan_of(judging, entries, platforms);
    bundle_plan.base_blobs = blobs_of_bases(judging.admission.terms(), bases);
    if (key) bundle_plan.sign = [&](dsse::Envelope& envelope) { key->sign(envelope); };
    bundle_plan.created = created;
    const auto parts = store::plan_bundle(judging.admission.store(), std::move(bundle_plan));
    const std::uint64_t size = write_to(target, judging, parts);
    if (is_json) environment.out << json_of(*file, size, store::statement_of(parts), entries) << "\n";
    return 0;
  });
}

}  // namespace hallmark::cmd
