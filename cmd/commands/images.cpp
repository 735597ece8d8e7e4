// SPDX-License-Identifier: Apache-2.0
//
// hallmark images: the names of the local store in docker's table.
#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "cmd/cli/batch.h"
#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/images/image_filter.h"
#include "cmd/images/listed_image.h"
#include "cmd/images/still_there.h"
#include "cmd/output/format.h"
#include "cmd/output/row_format.h"
#include "registry/config/docker_config.h"
#include "store/store.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

using Value = TemplateValue;

constexpr const char* kNone = "<none>";
// Docker's word for sizes that it has not computed.
constexpr const char* kNotKnown = "N/A";

constexpr std::array<std::string_view, 6> kImageFilters{"before", "dangling", "label", "reference", "since", "until"};

// Docker's fields and headers, and Trust; a template may ask for each.
constexpr std::array kImageColumns{RowColumn{"Containers", "CONTAINERS"},
                                   RowColumn{"CreatedAt", "CREATED AT"},
                                   RowColumn{"CreatedSince", "CREATED"},
                                   RowColumn{"Digest", "DIGEST"},
                                   RowColumn{"ID", "IMAGE ID"},
                                   RowColumn{"Repository", "REPOSITORY"},
                                   RowColumn{"SharedSize", "SHARED SIZE"},
                                   RowColumn{"Size", "SIZE"},
                                   RowColumn{"Tag", "TAG"},
                                   RowColumn{"Trust", "TRUST"},
                                   RowColumn{"UniqueSize", "UNIQUE SIZE"},
                                   RowColumn{"VirtualSize", "SIZE"}};

/// What was asked for.
struct View {
  bool digests;
  bool whole_ids;
  bool trust;
  Time now;
};

bool comes_before(const ListedImage& a, const ListedImage& b) {
  if (a.created != b.created) return a.created > b.created;
  const std::string a_repository = a.entry.name.familiar_repository();
  const std::string b_repository = b.entry.name.familiar_repository();
  const std::string a_tag = a.entry.name.tag().value_or(kNone);
  const std::string b_tag = b.entry.name.tag().value_or(kNone);
  // Of one time, and images of one build often are, the order is that of the names: the list does not change by itself.
  return std::tie(a_repository, a_tag, a.entry.told()) < std::tie(b_repository, b_tag, b.entry.told());
}

/// "tuf: targets/releases, 3 days ago, docker:registry.example/lib": who vouched, when that was seen, by which rule.
std::string trust_of(const ListedImage& image, Time now) {
  // Noted by a commit and still of the same files; a store that was copied or changed tells nothing of trust.
  if (!image.entry.admission_reason) return "-";
  const AdmissionReason& admission_reason = *image.entry.admission_reason;
  return admission_reason.by + ", " + ago(admission_reason.at, now) + ", " + admission_reason.rule;
}

/// As docker has it where no digest was asked for: nothing of what has no tag.
std::string digest_of(const ListedImage& image, const View& view) {
  if (view.digests) return image.entry.told().to_string();
  return image.entry.name.tag() ? kNone : "";
}

Value row_of(const ListedImage& image, const View& view) {
  const auto size = [&](std::string (*form)(std::uint64_t)) { return image.size ? form(*image.size) : kNotKnown; };
  Value::Record row;
  row.type = "image";
  row.is_row = true;
  row.fields.reserve(kImageColumns.size());
  const auto add = [&](const char* name, std::string text, Value::Shown shown = Value::Shown::always) {
    row.fields.push_back({name, Value(Value::Kind(std::move(text))), shown});
  };
  add("Containers", kNotKnown);
  add("CreatedAt", image.created ? local_time_text(*image.created) : kNotKnown);
  add("CreatedSince", ago(image.created, view.now));
  add("Digest", digest_of(image, view));
  add("ID", view.whole_ids ? image.id.to_string() : image.id.abbreviated());
  add("Repository", image.entry.name.familiar_repository());
  add("SharedSize", kNotKnown);
  add("Size", size(list_size));
  add("Tag", image.entry.name.tag().value_or(kNone));
  // {{json .}} has docker's fields alone unless --trust asks for this one: scripts compare the keys.
  add("Trust", trust_of(image, view.now), view.trust ? Value::Shown::always : Value::Shown::never);
  add("UniqueSize", kNotKnown);
  add("VirtualSize", size(exact_size));
  return Value(Value::Kind(std::move(row)));
}

/// What --trust shows; null when nobody vouched.
void write_admission_reason(const std::optional<AdmissionReason>& admission_reason, json::Writer& out) {
  // A pipeline looks whether it is null. "nobody" would be one more name to it.
  if (!admission_reason || admission_reason->by == "nobody") {
    out.null();
    return;
  }
  out.begin_object()
      .member("By", admission_reason->by)
      .member("At", to_text(admission_reason->at))
      .member("Rule", admission_reason->rule);
  out.end_object();
}

/// One array, with nothing shortened.
std::string json_of(const std::vector<const ListedImage*>& images) {
  json::Writer writer(0);
  writer.begin_array();
  for (const ListedImage* image : images) {
    const store::Entry& entry = image->entry;
    writer.begin_object().member("Name", entry.name.to_string()).member("Digest", entry.told().to_string());
    writer.member("Repository", entry.name.familiar_repository());
    writer.key("Tag").string_or_null(entry.name.tag());
    writer.member("Id", image->id.to_string());
    writer.key("Created").string_or_null(image->created ? std::optional(to_text(*image->created)) : std::nullopt);
    writer.key("Size");
    if (image->size) {
      writer.size(*image->size);
    } else {
      writer.null();
    }
    write_admission_reason(entry.admission_reason, writer.key("Trust"));
    writer.key("Dangling").boolean(image->is_dangling).end_object();
  }
  return writer.end_array().text();
}

/// imagesFormat of docker's config.json; what cannot be read there is told and not obeyed.
std::optional<std::string> configured_format(Environment& environment) {
  try {
    const auto text = registry::read_docker_config(docker_config(environment) / "config.json");
    if (!text) return std::nullopt;
    const json::Value config = json::parse("config.json", view_of(*text));
    std::string format = registry::text_member(config.object(), "imagesFormat");
    // A file that others may write decides what this user sees: that counts only where it says something.
    if (!format.empty()) registry::require_own_config(docker_config(environment) / "config.json");
    return format.empty() ? std::nullopt : std::optional(std::move(format));
  } catch (const Error& error) {
    // A list is no reason to refuse: the usual table tells the same images.
    environment.console.print(std::string("warning: docker's configuration is not used: ") + error.what());
    return std::nullopt;
  }
}

std::string raw_format(bool is_quiet, const View& view) {
  if (is_quiet) return "image_id: {{.ID}}";
  return "repository: {{.Repository}}\ntag: {{.Tag}}\n" + std::string(view.digests ? "digest: {{.Digest}}\n" : "") +
         "image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n";
}

std::string table_format(bool is_quiet, const View& view) {
  if (is_quiet) return "{{.ID}}";
  std::string format = "table {{.Repository}}\t{{.Tag}}\t";
  if (view.digests) format += "{{.Digest}}\t";
  format += "{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
  return format + (view.trust ? "\t{{.Trust}}" : "");
}

std::string format_of(const Arguments& arguments, const View& view, Environment& environment) {
  const bool is_quiet = arguments.truth("quiet", false);
  std::optional<std::string> format = arguments.value("format");
  // An explicit --format comes first, and -q is for scripts: neither depends on what somebody has configured.
  if ((!format || format->empty()) && !is_quiet) format = configured_format(environment);
  if (!format || format->empty() || *format == "table") return table_format(is_quiet, view);
  if (*format == "raw") return raw_format(is_quiet, view);
  // A template of one's own shows what it says and no more.
  if (!format->starts_with("table")) return *format;
  // docker adds the column that was asked for.
  if (view.digests && format->find("{{.Digest}}") == std::string::npos) *format += "\t{{.Digest}}";
  if (view.trust && format->find("{{.Trust}}") == std::string::npos) *format += "\t{{.Trust}}";
  return *format;
}

}  // namespace

Options images_options() {
  Options options("images [OPTIONS] [REPOSITORY[:TAG]]", "List images, newest first", "hallmark images 'debian:1*'");
  options.flag("all,a", "Show all images (none are hidden: there are no intermediate ones here)")
      .flag("digests", "Show digests")
      .value("filter,f", "NAME=VALUE", "Only images that fit: before, dangling, label, label!, reference, since, until")
      .value("format", "FORMAT", "table, table TEMPLATE, json, raw, or a Go template for each image")
      .flag("json", "Print one JSON array: whole ids, times, bytes; every digest has its place")
      .flag("no-trunc", "Don't truncate output")
      .flag("quiet,q", "Only show image IDs")
      .flag("trust", "Show who vouched for each image, when that was checked, and under which rule")
      .operands(0, 1);
  return options;
}

int images(const Arguments& arguments, Environment& environment) {
  const bool is_json = arguments.truth("json", false);
  if (is_json && (arguments.has("format") || arguments.truth("quiet", false))) {
    fail(Fault::usage, "--json and ", arguments.has("format") ? "--format" : "--quiet", " exclude each other");
  }
  View view{arguments.truth("digests", false), arguments.truth("no-trunc", false), arguments.truth("trust", false),
            environment.now};
  // For scripts as well: nobody's configuration has a say in it, not even a wrong one.
  const std::string text = is_json ? table_format(false, view) : format_of(arguments, view, environment);
  RowFormat format(text, kImageColumns);
  // Docker looks for just these characters: the value is <none> where a template asks for the digest in another way.
  view.digests = view.digests || is_json || text.find("{{.Digest}}") != std::string::npos;

  const store::Store store(store_directory(arguments, environment));
  ImageFilter filter(arguments.values("filter"), kImageFilters, store, environment.now);
  if (!arguments.operands().empty()) filter.add_reference(arguments.operands().front());
  Batch batch(environment.err);
  std::deque<ListedImage> admitted = list_images(store, batch);
  std::erase_if(admitted, [&](const ListedImage& image) {
    bool is_admitted = false;
    // A filter may read configs. An image that another run removes meanwhile is in no list; one that is damaged is
    // told.
    batch.attempt([&] { unless_removed(store, image.entry, [&] { is_admitted = filter.admits(image); }); });
    return !is_admitted;
  });
  // What stands for a row must be listed itself.
  std::vector<const ListedImage*> chosen;
  for (const ListedImage& image : admitted) {
    // Where digests or vouchers are shown two names of one image may differ in them: then both have a row.
    const bool only_same = view.digests || view.trust;
    const bool is_hidden = only_same ? is_told_by_a_tag(image, admitted) : is_shown_by_a_tag(image, admitted);
    if (!is_hidden) chosen.push_back(&image);
  }
  std::sort(chosen.begin(), chosen.end(),
            [](const ListedImage* a, const ListedImage* b) { return comes_before(*a, *b); });
  if (is_json) {
    environment.out << json_of(chosen) << "\n";
    return batch.status();
  }
  for (const ListedImage* image : chosen) format.add(row_of(*image, view));
  environment.out << format.text();
  return batch.status();
}

}  // namespace hallmark::cmd
