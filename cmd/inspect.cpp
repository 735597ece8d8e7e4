// SPDX-License-Identifier: Apache-2.0
//
// hallmark inspect: what docker image inspect prints, as far as it has a meaning here (there is no graph driver).
#include <algorithm>
#include <array>
#include <limits>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "cmd/command.h"
#include "cmd/environment.h"
#include "cmd/local_image.h"
#include "cmd/several.h"
#include "store/store.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

/// What docker prints of a member that the document does not have.
enum class Otherwise { empty_text, no, null, nothing };

struct Member {
  std::string_view name;
  Otherwise otherwise;
};

/// The members of docker's container config in docker's order.
constexpr std::array kConfigMembers{
    Member{"Hostname", Otherwise::empty_text},
    Member{"Domainname", Otherwise::empty_text},
    Member{"User", Otherwise::empty_text},
    Member{"AttachStdin", Otherwise::no},
    Member{"AttachStdout", Otherwise::no},
    Member{"AttachStderr", Otherwise::no},
    Member{"ExposedPorts", Otherwise::nothing},
    Member{"Tty", Otherwise::no},
    Member{"OpenStdin", Otherwise::no},
    Member{"StdinOnce", Otherwise::no},
    Member{"Env", Otherwise::null},
    Member{"Cmd", Otherwise::null},
    Member{"Healthcheck", Otherwise::nothing},
    Member{"ArgsEscaped", Otherwise::nothing},
    Member{"Image", Otherwise::empty_text},
    Member{"Volumes", Otherwise::null},
    Member{"WorkingDir", Otherwise::empty_text},
    Member{"Entrypoint", Otherwise::null},
    Member{"NetworkDisabled", Otherwise::nothing},
    Member{"MacAddress", Otherwise::nothing},
    Member{"OnBuild", Otherwise::null},
    Member{"Labels", Otherwise::null},
    Member{"StopSignal", Otherwise::nothing},
    Member{"StopTimeout", Otherwise::nothing},
    Member{"Shell", Otherwise::nothing},
};

constexpr std::array kHealthMembers{
    Member{"Test", Otherwise::nothing},          Member{"Interval", Otherwise::nothing},
    Member{"Timeout", Otherwise::nothing},       Member{"StartPeriod", Otherwise::nothing},
    Member{"StartInterval", Otherwise::nothing}, Member{"Retries", Otherwise::nothing},
};

/// A member that is there and not null.
const json::Value* found(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool is_empty(const json::Value& value) {
  if (value.is_string()) return value.string().empty();
  if (value.is_array()) return value.array().empty();
  if (value.is_object()) return value.object().members().empty();
  if (const auto* number = std::get_if<json::Number>(&value.kind())) return number->text == "0";
  const auto* truth = std::get_if<bool>(&value.kind());
  return truth != nullptr && !*truth;
}

void write_otherwise(json::Writer& out, const Member& member) {
  switch (member.otherwise) {
    case Otherwise::empty_text: out.member(member.name, ""); break;
    case Otherwise::no: out.key(member.name).boolean(false); break;
    case Otherwise::null: out.key(member.name).null(); break;
    case Otherwise::nothing: break;
  }
}

void write_members(json::Writer& out, const json::Object& object, std::span<const Member> members) {
  out.begin_object();
  for (const Member& member : members) {
    const json::Value* value = found(object, member.name);
    if (value == nullptr || (member.otherwise == Otherwise::nothing && is_empty(*value))) {
      write_otherwise(out, member);
    } else if (member.name == "Healthcheck") {
      write_members(out.key(member.name), value->object(), kHealthMembers);
    } else {
      out.key(member.name).value(*value);
    }
  }
  out.end_object();
}

void write_config(json::Writer& out, const json::Value& config) { write_members(out, config.object(), kConfigMembers); }

void write_text(json::Writer& out, std::string_view name, const json::Object& from, std::string_view member) {
  const json::Value* value = found(from, member);
  out.member(name, value == nullptr ? "" : value->string());
}

void write_optional_text(json::Writer& out, std::string_view name, const json::Object& from, std::string_view member) {
  const json::Value* value = found(from, member);
  if (value != nullptr && !value->string().empty()) out.member(name, value->string());
}

/// Docker takes the comment of the last step for an image that has none of its own.
std::string comment_of(const json::Object& config) {
  const json::Value* own = found(config, "comment");
  if (own != nullptr && !own->string().empty()) return own->string();
  const json::Value* history = found(config, "history");
  if (history == nullptr || history->array().empty()) return {};
  const json::Value* last = found(history->array().back().object(), "comment");
  return last == nullptr ? std::string() : last->string();
}

void write_names(json::Writer& out, std::string_view name, std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  out.key(name).begin_array();
  for (const std::string& text : names) out.string(text);
  out.end_array();
}

void write_all_names(json::Writer& out, const std::vector<store::Entry>& entries) {
  std::vector<std::string> tags;
  std::vector<std::string> digests;
  for (const store::Entry& entry : entries) {
    if (entry.name.tag()) tags.push_back(entry.name.familiar_repository() + ":" + *entry.name.tag());
    digests.push_back(entry.name.at_digest(entry.root.digest).familiar());
  }
  write_names(out, "RepoTags", std::move(tags));
  write_names(out, "RepoDigests", std::move(digests));
}

void write_root_file_system(json::Writer& out, const std::vector<Digest>& layers) {
  out.key("RootFS").begin_object().member("Type", "layers");
  if (!layers.empty()) {
    out.key("Layers").begin_array();
    for (const Digest& layer : layers) out.string(layer.to_string());
    out.end_array();
  }
  out.end_object();
}

void write_configs(json::Writer& out, const json::Object& document) {
  // Only images of older builders say in which container they were made.
  if (const json::Value* container = found(document, "container")) out.member("Container", container->string());
  if (const json::Value* config = found(document, "container_config")) {
    write_config(out.key("ContainerConfig"), *config);
  }
  write_text(out, "DockerVersion", document, "docker_version");
  write_text(out, "Author", document, "author");
  const json::Value* config = found(document, "config");
  out.key("Config");
  if (config == nullptr) {
    out.null();
  } else {
    write_config(out, *config);
  }
}

void write_image(json::Writer& out, const store::Store& store, const LocalImage& image) {
  const std::vector<Digest> layers = store::parse_config(image.config).diff_ids;
  const json::Value value = json::parse("the config " + image.id.to_string(), image.config);
  const json::Object& document = value.object();
  const json::Value* created = found(document, "created");

  out.begin_object().member("Id", image.id.to_string());
  write_all_names(out, entries_of(store, image.id));
  out.member("Parent", "").member("Comment", comment_of(document));
  out.member("Created", created == nullptr ? "0001-01-01T00:00:00Z" : created->string());
  write_configs(out, document);
  write_text(out, "Architecture", document, "architecture");
  write_optional_text(out, "Variant", document, "variant");
  write_text(out, "Os", document, "os");
  write_optional_text(out, "OsVersion", document, "os.version");
  if (image.size) out.key("Size").size(*image.size).key("VirtualSize").size(*image.size);
  write_root_file_system(out, layers);
  out.end_object();
}

}  // namespace

Options inspect_options() {
  Options options("inspect NAME|ID [NAME|ID...]",
                  "Print what is known of one or more images of the local store, as JSON",
                  "hallmark inspect debian:12");
  options.operands(1, std::numeric_limits<std::size_t>::max());
  return options;
}

int inspect(const Arguments& arguments, Surroundings& surroundings) {
  const store::Store store(store_directory(arguments, surroundings));
  Several several(surroundings.err);
  json::Writer out(4);
  out.begin_array();
  for (const std::string& text : arguments.operands()) {
    several.attempt([&] {
      const auto entry = store.find(text);
      if (!entry) fail_missing(text);
      json::Writer whole = out;  // an image that cannot be told in full is not told in part
      write_image(whole, store, read_image_called(store, *entry, text));
      out = std::move(whole);
    });
  }
  surroundings.out << out.end_array().text() << "\n";
  return several.status();
}

}  // namespace hallmark::cmd
