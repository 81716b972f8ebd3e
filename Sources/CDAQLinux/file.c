#include "CDAQLinuxFile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <unistd.h>

int cdaq_file_reserve(int descriptor, int64_t offset, int64_t length) {
    int result;
    do {
        result = fallocate(descriptor, FALLOC_FL_KEEP_SIZE, offset, length);
    } while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : -errno;
}

int cdaq_file_start_writing(int descriptor) {
    return sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE) == 0 ? 0 : -errno;
}

int cdaq_file_open_direct(const char *path) {
    int descriptor = open(path, O_WRONLY | O_DIRECT | O_CLOEXEC);
    return descriptor >= 0 ? descriptor : -errno;
}

int cdaq_file_lock(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(descriptor, F_OFD_SETLK, &lock) == 0 ? 0 : -errno;
}

int cdaq_file_rename_new(const char *from, const char *to) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return -errno;
    // A file system without that flag: the caller has looked before.
    return rename(from, to) == 0 ? 0 : -errno;
}
