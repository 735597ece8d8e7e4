// SPDX-License-Identifier: Apache-2.0
//
// What a registry or a person says: names, headers, small JSON.
#include "registry/http/url.h"
#include "registry/oci/blob.h"
#include "registry/oci/link_header.h"
#include "registry/oci/tag_list.h"
#include "registry/oci/upload.h"
#include "registry/server/challenge.h"
#include "registry/server/retry.h"
#include "registry/server/server_error.h"
#include "registry/server/token.h"
#include "store/image/image.h"
#include "tests/fuzz/fuzz.h"
#include "trust/digest.h"
#include "trust/reference.h"
#include "trust/time.h"

namespace hallmark::fuzz {

void registry_answers(ByteView input) {
  const auto [number, rest] = choose(input, 8);
  const std::string text(text_of(rest));
  ask([&, number = number, rest = rest] {
    if (number == 0) static_cast<void>(registry::choose_challenge({text}));
    if (number == 1) registry::parse_token(rest);
    if (number == 2) registry::parse_tag_page(rest);
    if (number == 3 && registry::error_line(500, text).find('\n') != std::string::npos) std::abort();
    if (number == 4) static_cast<void>(registry::Url::parse(text));
    if (number == 5) static_cast<void>(registry::next_link({text}));
    if (number == 6) {
      static_cast<void>(registry::parse_content_range(text));
      static_cast<void>(registry::parse_upload_range(text));
      static_cast<void>(registry::parse_retry_after(text, {}));
    }
    if (number == 7) static_cast<void>(registry::warnings_of({text}));
  });
}

void names(ByteView input) {
  const auto [number, rest] = choose(input, 6);
  const std::string text(text_of(rest));
  ask([&, number = number] {
    if (number == 0) {
      // What is printed is read as the same again.
      const Reference name = Reference::parse(text);
      if (!(Reference::parse(name.familiar()) == name)) std::abort();
    }
    if (number == 1 && Digest::parse(text).to_string() != text) std::abort();
    if (number == 2) static_cast<void>(store::Platform::parse(text));
    if (number == 3) static_cast<void>(to_text(parse_time(text)));
    if (number == 4) static_cast<void>(parse_hex(text));
    if (number == 5) static_cast<void>(parse_base64(text));
  });
}

}  // namespace hallmark::fuzz
