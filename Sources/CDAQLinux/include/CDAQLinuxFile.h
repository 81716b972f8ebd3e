// Files: space on a disk before it is needed, the way past the page cache, locks and names.
#ifndef CDAQLINUX_FILE_H
#define CDAQLINUX_FILE_H

#include <stdint.h>

// Makes the disk blocks of a part of a file certain, also beyond its end, without changing its size or what it holds.
// Returns 0 or -errno: -EOPNOTSUPP where the file system cannot, -ENOSPC or -EDQUOT where there is no space.
int cdaq_file_reserve(int descriptor, int64_t offset, int64_t length);

// Begins to write what the page cache holds of a file, without waiting (sync_file_range). Returns 0 or -errno.
int cdaq_file_start_writing(int descriptor);

// Opens a file for writes that bypass the page cache (O_DIRECT). Returns a descriptor, or -errno: -EINVAL where the file
// system cannot.
int cdaq_file_open_direct(const char *_Nonnull path);

// Locks a file for as long as this open file exists, in whatever process (F_OFD_SETLK). Returns 0, or -errno: -EAGAIN when
// another one has it.
int cdaq_file_lock(int descriptor);

// rename(2), but refuses with -EEXIST to replace a file. Returns 0 or -errno.
int cdaq_file_rename_new(const char *_Nonnull from, const char *_Nonnull to);

#endif
