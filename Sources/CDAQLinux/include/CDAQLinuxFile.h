// Files: space on a disk before it is needed, the way past the page cache, locks and names.
#ifndef CDAQLINUX_FILE_H
#define CDAQLINUX_FILE_H

#include <stdint.h>

// Makes the disk blocks of a part of a file certain, also beyond its end, without changing its size or what it holds.
// Returns 0 or -errno: -EOPNOTSUPP where the file system cannot, -ENOSPC or -EDQUOT where there is no space.
int cdaq_file_reserve(int descriptor, int64_t offset, int64_t length);

// Begins to write what the page cache holds of a file, without waiting (sync_file_range). Returns 0 or -errno.
int cdaq_file_start_writing(int descriptor);

// Writes what the page cache holds of a part of a file, and waits until that is done (sync_file_range); blocks and sizes that
// changed are only certain after fdatasync. Returns 0 or -errno.
int cdaq_file_write_through(int descriptor, int64_t offset, int64_t length);

// Opens a file for writes that bypass the page cache (O_DIRECT). Returns a descriptor, or -errno: -EINVAL where the file
// system cannot.
int cdaq_file_open_direct(const char *_Nonnull path);

// Opens a file without a name in a folder (O_TMPFILE), which is gone when it is closed. Returns a descriptor, or -errno.
int cdaq_file_open_unnamed(const char *_Nonnull folder);

// Whether a file is in memory (tmpfs).
int cdaq_file_is_in_memory(int descriptor);

// Locks a file for as long as this open file exists, in whatever process (F_OFD_SETLK). Returns 0, or -errno: -EAGAIN when
// another one has it.
int cdaq_file_lock(int descriptor);

// Opens a file in memory that can be written but not read (memfd_create). Returns a descriptor, or -errno.
int cdaq_file_open_sink(void);

// rename(2), but refuses with -EEXIST to replace a file. Returns 0 or -errno.
int cdaq_file_rename_new(const char *_Nonnull from, const char *_Nonnull to);

// Opens a directory as a place to look from, without the right to read it (O_PATH). Returns a descriptor or -errno.
int cdaq_directory_open(const char *_Nonnull path);

// The same for a path below a directory, which no link and no ".." in it can leave (openat2 with RESOLVE_BENEATH): -EXDEV
// for a path that leads out.
int cdaq_directory_open_beneath(int directory, const char *_Nonnull path);

#endif
