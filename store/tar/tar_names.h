// SPDX-License-Identifier: Apache-2.0
//
// What entries of a tar may be called, and where its links may lead. Refusals have the words of
// store/stream/archive_refusal.h.
#pragma once

#include <string>
#include <string_view>

namespace hallmark::store {

/// "./a/b/" to "a/b"; empty for the root itself. Refused: absolute names, "..", backslashes, control characters, text
/// that is not UTF-8, empty components, and more of them or longer than any writer makes.
std::string clean_entry_name(const std::string& name);

/// Any name as a reader finds it that takes each: without empty parts and ".", ".." taken away with what it leaves.
std::string plain_name(const std::string& name);

/// What a file system may take it for that folds letters, hides characters without a picture, or drops blanks and dots
/// at the end of a part.
std::string folded_name(std::string_view name);

/// What the name lies in; empty at the root.
std::string_view parent_of(std::string_view name);
/// Where the link of this name leads, seen from the root of the tar: never out of it.
/// `name` is that of the link, clean. Refused: absolute targets, and those that lead out of the tar or nowhere.
std::string link_target(const std::string& name, const std::string& written);

}  // namespace hallmark::store
