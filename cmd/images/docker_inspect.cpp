// SPDX-License-Identifier: Apache-2.0
#include "cmd/images/docker_inspect.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "store/image_ids.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

using Value = TemplateValue;
using Shown = Value::Shown;

/// What a member is that the document does not have.
/// Docker decodes a config into a struct of Go, in which no member is ever absent: templates that ask for one get its
/// zero value, and scripts rest on that.
enum class Zero { text, no, number, list, map, nothing };

struct Member {
  std::string_view name;
  Zero zero;
  Shown shown;
};

/// The members of docker's container config in docker's order.
/// What docker's JSON leaves out when it is empty is left out here as well: scripts compare whole outputs.
constexpr std::array kConfigMembers{
    Member{"Hostname", Zero::text, Shown::always},
    Member{"Domainname", Zero::text, Shown::always},
    Member{"User", Zero::text, Shown::always},
    Member{"AttachStdin", Zero::no, Shown::always},
    Member{"AttachStdout", Zero::no, Shown::always},
    Member{"AttachStderr", Zero::no, Shown::always},
    Member{"ExposedPorts", Zero::map, Shown::when_filled},
    Member{"Tty", Zero::no, Shown::always},
    Member{"OpenStdin", Zero::no, Shown::always},
    Member{"StdinOnce", Zero::no, Shown::always},
    Member{"Env", Zero::list, Shown::always},
    Member{"Cmd", Zero::list, Shown::always},
    Member{"Healthcheck", Zero::nothing, Shown::when_filled},
    Member{"ArgsEscaped", Zero::no, Shown::when_filled},
    Member{"Image", Zero::text, Shown::always},
    Member{"Volumes", Zero::map, Shown::always},
    Member{"WorkingDir", Zero::text, Shown::always},
    Member{"Entrypoint", Zero::list, Shown::always},
    Member{"NetworkDisabled", Zero::no, Shown::when_filled},
    Member{"MacAddress", Zero::text, Shown::when_filled},
    Member{"OnBuild", Zero::list, Shown::always},
    Member{"Labels", Zero::map, Shown::always},
    Member{"StopSignal", Zero::text, Shown::when_filled},
    Member{"StopTimeout", Zero::nothing, Shown::when_filled},
    Member{"Shell", Zero::list, Shown::when_filled},
};

constexpr std::array kHealthMembers{
    Member{"Test", Zero::list, Shown::when_filled},
    Member{"Interval", Zero::number, Shown::when_filled},
    Member{"Timeout", Zero::number, Shown::when_filled},
    Member{"StartPeriod", Zero::number, Shown::when_filled},
    Member{"StartInterval", Zero::number, Shown::when_filled},
    Member{"Retries", Zero::number, Shown::when_filled},
};

/// A member that is there and not null.
/// Go's decoder takes null for absent.
const json::Value* found(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

Value null_record(std::string type) {
  Value::Record record;
  record.type = std::move(type);
  record.is_null = true;
  return Value(Value::Kind(std::move(record)));
}

Value zero_of(const Member& member) {
  switch (member.zero) {
    case Zero::text: return Value::text("");
    case Zero::no: return Value::truth(false);
    case Zero::number: return Value::number(0);
    case Zero::list: return Value(Value::Kind(Value::List{{}, true}));
    case Zero::map: return Value(Value::Kind(Value::Map{{}, true, true}));
    case Zero::nothing: break;
  }
  return null_record(std::string(member.name));
}

Value record_of(const json::Object& object, std::span<const Member> members, const std::string& type) {
  Value::Record record;
  record.type = type;
  for (const Member& member : members) {
    const json::Value* value = found(object, member.name);
    const bool is_health = member.name == "Healthcheck";
    // An empty Healthcheck says no more than none.
    if (value == nullptr || (is_health && value->object().members().empty())) {
      record.fields.push_back({std::string(member.name), zero_of(member), member.shown});
    } else if (is_health) {
      record.fields.push_back(
          {std::string(member.name), record_of(value->object(), kHealthMembers, "Healthcheck"), member.shown});
    } else {
      record.fields.push_back({std::string(member.name), Value::of(*value), member.shown});
    }
  }
  return Value(Value::Kind(std::move(record)));
}

std::string text_of_member(const json::Object& object, std::string_view name) {
  const json::Value* value = found(object, name);
  return value == nullptr ? std::string() : value->string();
}

/// Docker takes the comment of the last step for an image that has none of its own.
std::string comment_of(const json::Object& config) {
  std::string own = text_of_member(config, "comment");
  if (!own.empty()) return own;
  const json::Value* history = found(config, "history");
  if (history == nullptr || history->array().empty()) return {};
  return text_of_member(history->array().back().object(), "comment");
}

/// A digest that several tags of one repository share would stand there as often as there are tags.
Value sorted_names(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return Value::list_of(names);
}

Value root_file_system(const std::vector<Digest>& layers) {
  std::vector<std::string> texts;
  texts.reserve(layers.size());
  for (const Digest& layer : layers) texts.push_back(layer.to_string());
  Value::Record record;
  record.type = "RootFS";
  record.fields = {{"Type", Value::text("layers"), Shown::always},
                   {"Layers", Value::list_of(texts), Shown::when_filled}};
  return Value(Value::Kind(std::move(record)));
}

/// Only images of older builders say in which container they were made.
void add_container(const json::Object& document, std::vector<Value::Field>& fields) {
  const Shown shown = found(document, "container") == nullptr ? Shown::never : Shown::always;
  fields.push_back({"Container", Value::text(text_of_member(document, "container")), shown});
  const json::Value* config = found(document, "container_config");
  fields.push_back({"ContainerConfig",
                    config == nullptr ? null_record("ContainerConfig")
                                      : record_of(config->object(), kConfigMembers, "ContainerConfig"),
                    config == nullptr ? Shown::never : Shown::always});
}

}  // namespace

TemplateValue inspect_image(const store::Store& store, const LocalImage& image) {
  const std::vector<Digest> layers = store::parse_config(image.config).diff_ids;
  const json::Value value = json::parse("the config " + image.id.to_string(), image.config);
  const json::Object& document = value.object();
  const auto text = [&](std::string_view name) { return Value::text(text_of_member(document, name)); };
  // All names of the same image, not only the one that was typed: that is what docker calls one image.
  std::vector<std::string> tags;
  std::vector<std::string> digests;
  for (const store::Entry& entry : entries_of(store, image.id)) {
    if (entry.name.tag()) tags.push_back(entry.name.familiar_repository() + ":" + *entry.name.tag());
    digests.push_back(entry.name.at_digest(entry.told()).familiar());
  }

  Value::Record record;
  record.type = "image";
  std::vector<Value::Field>& fields = record.fields;
  const auto add = [&](std::string name, Value field, Shown shown = Shown::always) {
    fields.push_back({std::move(name), std::move(field), shown});
  };
  // Templates know both spellings: docker's JSON has the first, its Go struct the second.
  add("Id", Value::text(image.id.to_string()));
  add("ID", Value::text(image.id.to_string()), Shown::never);
  add("RepoTags", sorted_names(std::move(tags)));
  add("RepoDigests", sorted_names(std::move(digests)));
  // No image here was built on another one of the store.
  add("Parent", Value::text(""));
  add("Comment", Value::text(comment_of(document)));
  const std::string created = text_of_member(document, "created");
  // Go's zero time, as docker prints it of an image that does not say when it was made.
  add("Created", Value::text(found(document, "created") == nullptr ? "0001-01-01T00:00:00Z" : created));
  add_container(document, fields);
  add("DockerVersion", text("docker_version"));
  add("Author", text("author"));
  const json::Value* config = found(document, "config");
  add("Config", config == nullptr ? null_record("Config") : record_of(config->object(), kConfigMembers, "Config"));
  add("Architecture", text("architecture"));
  add("Variant", text("variant"), Shown::when_filled);
  // As docker takes an image that does not say it.
  const std::string system = text_of_member(document, "os");
  add("Os", Value::text(system.empty() ? "linux" : system));
  add("OsVersion", text("os.version"), Shown::when_filled);
  // What another tool wrote has no size that was measured here: it is left out, for 0 would be wrong.
  const Shown size_shown = image.size ? Shown::always : Shown::never;
  const Value size = image.size ? Value::number(static_cast<std::int64_t>(*image.size)) : Value();
  add("Size", size, size_shown);
  add("VirtualSize", size, size_shown);
  add("RootFS", root_file_system(layers));
  return Value(Value::Kind(std::move(record)));
}

}  // namespace hallmark::cmd
