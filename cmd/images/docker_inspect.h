// SPDX-License-Identifier: Apache-2.0
//
// What docker image inspect tells of an image, as far as it has a meaning here (there is no graph driver).
#pragma once

#include "cmd/images/local_image.h"
#include "cmd/output/template_value.h"
#include "store/store.h"

namespace hallmark::cmd {

/// A record with docker's fields in docker's order; those that docker leaves out of its JSON when they are empty are
/// there for templates.
TemplateValue inspect_image(const store::Store& store, const LocalImage& image);

}  // namespace hallmark::cmd
