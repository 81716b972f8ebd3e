#include "CDAQLinuxFile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
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

int cdaq_file_write_through(int descriptor, int64_t offset, int64_t length) {
    unsigned flags = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    return sync_file_range(descriptor, offset, length, flags) == 0 ? 0 : -errno;
}

int cdaq_file_open_direct(const char *path) {
    int descriptor = open(path, O_WRONLY | O_DIRECT | O_CLOEXEC);
    return descriptor >= 0 ? descriptor : -errno;
}

int cdaq_file_open_unnamed(const char *folder) {
    int descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return descriptor >= 0 ? descriptor : -errno;
}

int cdaq_file_open_sink(void) {
    int memory = memfd_create("daq-sink", MFD_CLOEXEC);
    if (memory < 0) return -errno;
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    int result = descriptor >= 0 ? descriptor : -errno;
    close(memory);
    return result;
}

int cdaq_file_is_in_memory(int descriptor) {
    struct statfs status;
    return fstatfs(descriptor, &status) == 0 && status.f_type == TMPFS_MAGIC;
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

int cdaq_directory_open(const char *path) {
    int descriptor = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return descriptor >= 0 ? descriptor : -errno;
}

int cdaq_directory_open_beneath(int directory, const char *path) {
    struct open_how how = {
        .flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    long result;
    do {
        result = syscall(SYS_openat2, directory, path, &how, sizeof how);
    } while (result < 0 && (errno == EINTR || errno == EAGAIN));
    return result >= 0 ? (int)result : -errno;
}
