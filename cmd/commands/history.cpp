// SPDX-License-Identifier: Apache-2.0
//
// hallmark history: the steps by which an image was made, the last one first.
#include <algorithm>
#include <array>
#include <ostream>
#include <string>
#include <vector>

#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/images/local_image.h"
#include "cmd/images/still_there.h"
#include "cmd/output/format.h"
#include "cmd/output/row_format.h"
#include "registry/config/docker_config.h"
#include "store/store.h"
#include "store/stream/layer_check.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

using Value = TemplateValue;

// Docker's width of the column.
constexpr std::size_t kShownCommand = 45;
// A config may have megabytes of steps; each becomes a row that waits in memory.
constexpr std::size_t kMostSteps = 10'000;
// Docker's word for steps whose images are not here. There is one id, that of the whole image.
constexpr const char* kMissing = "<missing>";

constexpr std::array kHistoryColumns{RowColumn{"Comment", "COMMENT"},
                                     RowColumn{"CreatedAt", "CREATED AT"},
                                     RowColumn{"CreatedBy", "CREATED BY"},
                                     RowColumn{"CreatedSince", "CREATED"},
                                     RowColumn{"ID", "IMAGE"},
                                     RowColumn{"Size", "SIZE"}};

struct Step {
  std::optional<Time> created;
  std::string command;
  std::string comment;
  std::uint64_t size = 0;
};

/// What a layer inflates to, checked once more while it is counted.
std::uint64_t measured(const store::Store& store, const store::Descriptor& layer, const Digest& diff_id) {
  store::LargeWindows large_windows;
  // The limits of a pull hold here, too: a layer that another program put here may be made to fill the memory.
  store::LayerCheck check(layer, diff_id, large_windows);
  const auto reader = store.open(layer);
  Bytes buffer(std::size_t{1} << 20U);
  for (std::uint64_t at = 0; at < reader->size();) {
    const std::size_t count = reader->read(at, buffer);
    // A blob that is shorter than it was is refused by finish(), with its digest.
    if (count == 0) break;
    check.push(std::span(buffer).first(count));
    at += count;
  }
  return std::move(check).finish(layer, diff_id);
}

std::vector<std::uint64_t> layer_sizes(const store::Store& store, const LocalImage& image) {
  // The summary is of the first platform. The image that was asked for may be another one of the index.
  if (image.entry.summary && image.entry.summary->id == image.id &&
      image.entry.summary->layer_sizes.size() == image.layers.size()) {
    return image.entry.summary->layer_sizes;
  }
  const std::vector<Digest> diff_ids = store::parse_config(image.config).diff_ids;
  // Which layer belongs to which step is only known when the counts agree.
  if (diff_ids.size() != image.layers.size()) {
    fail(Fault::corrupt, image.layers.size(), " layers, but the config has ", diff_ids.size(), " DiffIDs");
  }
  std::vector<std::uint64_t> sizes;
  for (std::size_t i = 0; i < diff_ids.size(); ++i) sizes.push_back(measured(store, image.layers[i], diff_ids[i]));
  return sizes;
}

/// Top first, as they are told.
std::vector<Step> steps_of(const LocalImage& image, const std::vector<std::uint64_t>& sizes) {
  const json::Value config = json::parse("the config " + image.id.to_string(), image.config);
  const json::Value* history = config.object().find("history");
  std::vector<Step> steps;
  if (history == nullptr || history->is_null()) return steps;
  if (history->array().size() > kMostSteps) fail(Fault::corrupt, "a history of more than ", kMostSteps, " steps");
  std::size_t layer = 0;
  for (const json::Value& told : history->array()) {
    const json::Object& object = told.object();
    Step step{std::nullopt, registry::text_member(object, "created_by"), registry::text_member(object, "comment")};
    if (const std::string created = registry::text_member(object, "created"); !created.empty()) {
      // Docker shows whole seconds.
      step.created = std::chrono::floor<std::chrono::seconds>(parse_time(created));
    }
    const json::Value* empty = object.find("empty_layer");
    if (empty == nullptr || empty->is_null() || !empty->boolean()) {
      // Docker's words. The history is not what makes an image run, but a size that is told of a wrong layer is a lie.
      if (layer >= sizes.size()) fail(Fault::corrupt, "too many non-empty layers in History section");
      step.size = sizes[layer++];
    }
    steps.push_back(std::move(step));
  }
  // A config tells the first step first (OCI image-spec, config.md); docker shows the last one first.
  std::reverse(steps.begin(), steps.end());
  return steps;
}

/// A step must not break the line that it stands on.
std::string on_one_line(const std::string& text) {
  std::string out;
  for (const char c : text) {
    // A command comes from the config: with a line end or a tab it could draw rows and columns of its own.
    if (c == '\n') out += "\\n";
    if (c != '\n') out += c == '\t' ? ' ' : c;
  }
  return out;
}

Value row_of(const Step& step, const std::string& id, const Arguments& arguments, Time now) {
  const bool human = arguments.truth("human", true);
  const bool whole = arguments.truth("no-trunc", false);
  const std::string at = step.created ? local_time_rfc3339(*step.created) : "N/A";
  const std::string command = on_one_line(step.command);
  const auto always = Value::Shown::always;
  Value::Record row;
  row.type = "step";
  row.is_row = true;
  row.fields = {{"Comment", Value::text(on_one_line(step.comment)), always},
                {"CreatedAt", Value::text(at), always},
                {"CreatedBy", Value::text(whole ? command : ellipsis(command, kShownCommand)), always},
                {"CreatedSince", Value::text(human ? ago(step.created, now) : at), always},
                {"ID", Value::text(id), always},
                {"Size", Value::text(human ? list_size(step.size) : std::to_string(step.size)), always}};
  return Value(Value::Kind(std::move(row)));
}

/// All steps as one array, with nothing shortened.
std::string json_of(const std::vector<Step>& steps, const Digest& id) {
  json::Writer writer(0);
  writer.begin_array();
  for (const Step& step : steps) {
    writer.begin_object().key("Id");
    if (&step == &steps.front()) {
      writer.string(id.to_string());
    } else {
      writer.null();
    }
    writer.key("Created");
    if (step.created) {
      writer.string(to_text(*step.created));
    } else {
      writer.null();
    }
    writer.member("CreatedBy", step.command).key("Size").size(step.size).member("Comment", step.comment).end_object();
  }
  return writer.end_array().text();
}

std::string format_of(const Arguments& arguments) {
  std::string format = arguments.value("format").value_or("table");
  if (!format.empty() && format != "table") return format;
  if (arguments.truth("quiet", false)) return "{{.ID}}";
  const std::string created = arguments.truth("human", true) ? "{{.CreatedSince}}" : "{{.CreatedAt}}";
  // Docker's table.
  return "table {{.ID}}\t" + created + "\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}";
}

}  // namespace

Options history_options() {
  Options options("history [OPTIONS] IMAGE", "Show the steps by which an image of the local store was made",
                  "hallmark history --no-trunc debian:12");
  options.value("format", "FORMAT", "table, table TEMPLATE, json, or a Go template for each step")
      .flag("human,H", "Print sizes and dates for people (default true)")
      .flag("no-trunc", "Don't truncate output")
      .flag("json", "Print one JSON array: whole commands and ids, times, bytes")
      .flag("quiet,q", "Only show image IDs")
      .operands(1, 1);
  return options;
}

int history(const Arguments& arguments, Environment& environment) {
  // A template that is none is refused before the store is read.
  RowFormat format(format_of(arguments), kHistoryColumns);
  const std::string& text = arguments.operands().front();
  const store::Store store(store_directory(arguments, environment));
  const auto entry = store.find(text);
  if (!entry) fail_missing(text);
  const LocalImage image = while_there(store, *entry, [&] { return read_image_called(store, *entry, text); });
  const bool whole = arguments.truth("no-trunc", false);
  within(entry->name.familiar(), [&] {
    const auto sizes = while_there(store, *entry, [&] { return layer_sizes(store, image); });
    const std::vector<Step> steps = steps_of(image, sizes);
    if (arguments.truth("json", false)) {
      environment.out << json_of(steps, image.id) << "\n";
      return;
    }
    std::string id = whole ? image.id.to_string() : image.id.abbreviated();
    for (const Step& step : steps) {
      format.add(row_of(step, id, arguments, environment.now));
      // The row above is the image itself.
      id = kMissing;  // of all but the first
    }
    environment.out << format.text();
  });
  return 0;
}

}  // namespace hallmark::cmd
