// SPDX-License-Identifier: Apache-2.0
#include "cmd/bundle_statement.h"

#include "store/archive/statement_check.h"
#include "store/stream/archive_refusal.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// One line of its inventory is about 120 bytes, and base64 makes more of it.
constexpr std::uint64_t kMostStatement = std::uint64_t{8} << 20U;

}  // namespace

std::optional<CarriedStatement> read_statement(const store::Archive& archive) {
  if (!archive.statement()) return std::nullopt;
  return within("the statement in the archive", [&] {
    std::optional<CarriedStatement> carried = store::refusing_as("E_STATEMENT", [&] {
      dsse::Envelope envelope = dsse::parse(archive.blob(*archive.statement(), std::nullopt, kMostStatement));
      BundleStatement says = parse_statement(envelope);
      return std::optional(CarriedStatement{*archive.statement(), std::move(envelope), std::move(says)});
    });
    store::check_statement(carried->says, archive);
    return carried;
  });
}

}  // namespace hallmark::cmd
