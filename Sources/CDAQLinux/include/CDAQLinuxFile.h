// Files: space on a disk before it is needed.
#ifndef CDAQLINUX_FILE_H
#define CDAQLINUX_FILE_H

#include <stdint.h>

// Makes the disk blocks of a part of a file certain, also beyond its end, without changing its size or what it holds.
// Returns 0 or -errno: -EOPNOTSUPP where the file system cannot, -ENOSPC or -EDQUOT where there is no space.
int cdaq_file_reserve(int descriptor, int64_t offset, int64_t length);

#endif
