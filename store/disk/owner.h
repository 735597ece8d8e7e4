// SPDX-License-Identifier: Apache-2.0
//
// Who could change what a path leads to. Files and folders that decide about trust or place count only when nobody but
// root and this user could have put them there.
#pragma once

#include <string>
#include <string_view>

#include "store/disk/file.h"

namespace hallmark::store {

/// Where a path leads, as it was looked at.
struct Way {
  Path real;            ///< no link stands in it; of an open descriptor the path as it was given
  bool is_descriptor;   ///< /dev/stdin, /dev/fd/3, /proc/self/fd/3: opened by whoever started us
  std::string trouble;  ///< "/x can be written by others", "/x belongs to user 12"; empty when nobody else could
};

/// Whether whoever started us opened it: what comes out of it may come but once.
bool is_descriptor(const Path& path);

/// Looks at every folder and link from the root to what is there, and at that itself. They must belong to root or to
/// this user and be writable by nobody else; in a folder with the sticky bit only the owner of a name can give it to
/// another file. Of an open descriptor the file itself is looked at, and a pipe or a socket is nobody else's.
/// Fault::usage when it leads nowhere, or, as links of /proc may, somewhere else than its links say.
Way way_to(const Path& path);

/// Fault::usage, beginning with `what`, when the way to it has trouble. A path at which nothing is, is fine when
/// nobody else could put something there.
void require_own(std::string_view what, const Path& path);

/// The same for a file that was read by this path: it must still be there, so that nobody put it there for a moment.
void require_own_file(std::string_view what, const Path& path);

/// The same for a folder of which each file may be read, and for whatever its names lead to. Of a link that leads
/// nowhere it matters who could put something there.
void require_own_entries(std::string_view what, const Path& folder);

/// Fault::usage, beginning with `what`, when others could write `path`, or what is between it and `folder`, which is
/// one of those above it, or `folder` itself. Who can exchange what is above the folder can exchange all of it.
void require_own_below(std::string_view what, const Path& folder, const Path& path);

/// The folder and those above it that are missing, for this user only (0700) whatever the umask says.
void make_private_directories(const Path& path);

/// Whether a link of a process file system is on the way, as /proc/self/cwd is, wherever that is mounted: each program
/// finds something else behind it.
bool leads_through_process(const Path& path);

/// As Way::trouble; of the nearest folder that is there when nothing is at the path.
std::string trouble_at(const Path& path);

}  // namespace hallmark::store
