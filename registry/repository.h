// SPDX-License-Identifier: Apache-2.0
//
// One repository of images, to read from and to write to: in a registry on the network or in a folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/disk/blob_reader.h"
#include "store/image/image.h"
#include "store/image/source.h"

namespace hallmark::registry {

/// What one is going to do there, and asks the right for.
enum class Access { pull, push };

/// How a blob got there.
enum class Delivery { sent, mounted };

/// Calls may come from several threads. Failures: Fault::missing, Fault::unauthorized, Fault::unavailable (the
/// network; what the other side has no room for or does not take), Fault::corrupt (bytes are not what was promised).
class Repository : public store::Source {
 public:
  /// The manifest or index by tag. The digest is computed over the bytes received; an unknown tag is Fault::missing.
  /// A tag is the registry's word: whoever has a digest that trust signed asks by that instead.
  [[nodiscard]] virtual store::Document manifest(const std::string& tag) = 0;
  /// By digest; `size` is checked when it is known.
  [[nodiscard]] virtual store::Document manifest(const Digest& digest, std::optional<std::uint64_t> size) = 0;
  /// All tags, sorted bytewise, each once; names that are no legal tag are left out.
  [[nodiscard]] virtual std::vector<std::string> tags() = 0;

  /// Manifests that say they are about this one: signatures and the like. None when nobody has said so.
  /// The list is the other side's word. What it leaves out cannot be told from what is not there.
  [[nodiscard]] virtual std::vector<store::Descriptor> referrers(const Digest& subject) = 0;

  /// Whether the blob is seen to be there already; false also where that cannot be found out. One of another size under
  /// its digest is Fault::corrupt.
  [[nodiscard]] virtual bool has_blob(const store::Descriptor& blob) = 0;
  /// Whether it is seen to be there; false also where nobody may look, or hears an answer.
  /// It spares a push the transfer and proves nothing: whoever leaves something out because of it reads the manifest
  /// first.
  [[nodiscard]] virtual bool has_manifest(const Digest& digest) = 0;
  /// Brings the blob there, whether or not it is there. `mount_from` is the path of a repository of the same registry
  /// that may have it already ("library/debian"): the bytes are read only when that did not help.
  virtual Delivery put_blob(const store::Descriptor& blob, store::BlobReader& bytes,
                            const std::optional<std::string>& mount_from) = 0;
  /// By its digest alone: nobody sees it by a name. What it lists must be there. A registry is asked for it afterwards:
  /// Fault::corrupt when it gives other bytes, Fault::unavailable when it has none, or cannot be asked.
  virtual void put_manifest(const store::Document& document) = 0;
  /// Gives the tag to it, from whatever had the tag. What the tag is then is asked as well.
  virtual void put_manifest(const store::Document& document, const std::string& tag) = 0;
};

}  // namespace hallmark::registry
