// SPDX-License-Identifier: Apache-2.0
#include "cmd/bundle_statement.h"

#include "store/statement_check.h"
#include "trust/error.h"
#include "trust/statement.h"

namespace hallmark::cmd {
namespace {

constexpr std::uint64_t kMostStatement = std::uint64_t{4} << 20U;

}  // namespace

std::optional<dsse::Envelope> read_statement(const store::Archive& archive) {
  if (!archive.statement()) return std::nullopt;
  return within("the statement in the archive", [&] {
    dsse::Envelope envelope = dsse::parse(archive.blob(*archive.statement(), std::nullopt, kMostStatement));
    store::check_statement(parse_statement(envelope), archive);
    return std::optional(std::move(envelope));
  });
}

}  // namespace hallmark::cmd
