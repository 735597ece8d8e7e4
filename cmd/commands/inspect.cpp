// SPDX-License-Identifier: Apache-2.0
//
// hallmark inspect: all that is known of images, as JSON or as a template chooses.
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "cmd/cli/batch.h"
#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/images/docker_inspect.h"
#include "cmd/images/local_image.h"
#include "cmd/images/still_there.h"
#include "cmd/output/template.h"
#include "store/store.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

// One array for all arguments, in their order, as docker prints it.
std::string array_of(const std::vector<TemplateValue>& images, std::size_t indent) {
  json::Writer out(indent);
  out.begin_array();
  for (const TemplateValue& image : images) image.write(out);
  return out.end_array().text() + "\n";
}

}  // namespace

Options inspect_options() {
  Options options("inspect [OPTIONS] NAME|ID [NAME|ID...]",
                  "Print what is known of one or more images of the local store, as JSON",
                  "hallmark inspect --format '{{.Architecture}} {{json .Config.Labels}}' debian:12");
  options.value("format,f", "FORMAT", "json, for one line, or a Go template for each image")
      .value("type", "image", "For scripts that say what they want: there are images alone")
      .operands(1, kNoLimit);
  return options;
}

int inspect(const Arguments& arguments, Environment& environment) {
  const std::string type = arguments.value("type").value_or("image");
  // docker inspect knows containers, networks and more; scripts that mean those must not get an image.
  if (type != "image") {
    throw Error(Fault::usage, "\"" + printable(type, 80) + "\" is not a valid value for --type, expected image",
                "the local store has images and nothing else");
  }
  const std::string format = arguments.value("format").value_or("");
  const bool is_json = format.empty() || format == "json";
  // A template that is none is refused once, and not for each image.
  const std::optional<Template> form = is_json ? std::nullopt : std::optional<Template>(format);
  const store::Store store(store_directory(arguments, environment));
  Batch batch(environment.err);
  std::vector<TemplateValue> images;
  for (const std::string& text : arguments.operands()) {
    batch.attempt([&] {
      const auto entry = store.find(text);
      if (!entry) fail_missing(text);
      TemplateValue image =
          while_there(store, *entry, [&] { return inspect_image(store, read_image_called(store, *entry, text)); });
      if (form) {
        // At once: what was found goes out although a later argument fails.
        environment.out << form->execute(image) << "\n";
      } else {
        images.push_back(std::move(image));
      }
    });
  }
  // An empty array when nothing was found: standard output is JSON whatever the status says.
  if (is_json) environment.out << array_of(images, format.empty() ? 4 : 0);
  return batch.status();
}

}  // namespace hallmark::cmd
