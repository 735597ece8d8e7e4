// SPDX-License-Identifier: Apache-2.0
//
// Where images come from: a registry, an archive. Nothing it returns is to be believed.
#pragma once

#include "store/image/image.h"
#include "trust/bytes.h"

namespace hallmark::store {

/// Whoever fetches hashes what comes: a source that lies costs a transfer, and nothing is let in.
class Source {
 public:
  virtual ~Source() = default;
  /// Pushes the bytes of the blob, at most descriptor.size of them. May be called from several threads at once.
  virtual void fetch(const Descriptor& blob, ByteSink& out) = 0;
  /// The same without its first `offset` bytes, fewer than there are: whoever asks has those from another time.
  virtual void fetch_rest(const Descriptor& blob, std::uint64_t offset, ByteSink& out);
  /// Whether the last fetch of the blob, failed ones included, was continued after a cut: wrong bytes may then be an
  /// accident, and worth one more fetch.
  [[nodiscard]] virtual bool was_resumed(const Digest& /*blob*/) const { return false; }
  /// To be called when the last fetch of the blob brought wrong bytes: whether the next one asks somebody else. The
  /// answer is true only so often as there are others to ask.
  [[nodiscard]] virtual bool asks_elsewhere_after(const Digest& /*blob*/) { return false; }
};

/// Gives the one document that it has, which must outlive this.
class DocumentSource final : public Source {
 public:
  explicit DocumentSource(const Document& document) : document_(document) {}
  void fetch(const Descriptor& /*blob*/, ByteSink& out) override { out.write(document_.bytes); }

 private:
  const Document& document_;
};

}  // namespace hallmark::store
