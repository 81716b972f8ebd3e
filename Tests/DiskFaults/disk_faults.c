// A disk that is out of order from a chosen moment on, for a program that this library is loaded into with LD_PRELOAD.
//
// DAQ_DISK_FOLDER  calls that change files in this folder, and below it, are those of the disk; all others are left alone
// DAQ_DISK_FAULT   a file: as long as it is not there the disk is well; else its first word says what is wrong:
//                  quota      what needs new blocks fails (EDQUOT), what is written to blocks that are there does not
//                  read-only  everything fails (EROFS), as after a file system has been remounted
//                  io-error   everything fails (EIO)
//                  hang       everything waits until the file is gone
//
// Compiled and used by the integration tests; the programs under test know nothing of it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Whether a path lies in the folder; relative paths are not looked at, since the tests give absolute ones.
static int is_inside(const char *path) {
    const char *folder = getenv("DAQ_DISK_FOLDER");
    size_t length = folder ? strlen(folder) : 0;
    return length > 0 && strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static int is_on_disk(int descriptor) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_inside(path);
}

// What is wrong now; waits while the disk hangs.
static int fault(void) {
    const char *path = getenv("DAQ_DISK_FAULT");
    for (;;) {
        char word[16] = "";
        int file = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0) : -1;
        if (file < 0) return 0;
        ssize_t length = syscall(SYS_read, file, word, sizeof word - 1);
        syscall(SYS_close, file);
        if (length > 0 && strncmp(word, "quota", 5) == 0) return EDQUOT;
        if (length > 0 && strncmp(word, "read-only", 9) == 0) return EROFS;
        if (length > 0 && strncmp(word, "io-error", 8) == 0) return EIO;
        usleep(20000);
    }
}

// Whether a call fails that needs no new blocks.
static int fails(void) {
    int error = fault();
    if (error == 0 || error == EDQUOT) return 0;
    errno = error;
    return 1;
}

// Whether a call fails that may need them, up to `end` in the file; no end is beyond any block.
static int fails_up_to(int descriptor, off64_t end) {
    int error = fault();
    struct stat status;
    if (error == EDQUOT && fstat(descriptor, &status) == 0 && end <= (off64_t)status.st_blocks * 512) error = 0;
    errno = error != 0 ? error : errno;
    return error != 0;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    if (is_on_disk(descriptor) && fails_up_to(descriptor, offset + (off64_t)count)) return -1;
    return syscall(SYS_pwrite64, descriptor, bytes, count, offset);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return pwrite64(descriptor, bytes, count, offset);
}

int fallocate(int descriptor, int mode, off_t offset, off_t length) {
    if (is_on_disk(descriptor) && fails_up_to(descriptor, LONG_MAX)) return -1;
    return (int)syscall(SYS_fallocate, descriptor, mode, offset, length);
}

int fallocate64(int descriptor, int mode, off64_t offset, off64_t length) {
    return fallocate(descriptor, mode, offset, length);
}

int ftruncate64(int descriptor, off64_t length) {
    if (is_on_disk(descriptor) && fails()) return -1;
    return (int)syscall(SYS_ftruncate, descriptor, length);
}

int ftruncate(int descriptor, off_t length) { return ftruncate64(descriptor, length); }

int fsync(int descriptor) {
    if (is_on_disk(descriptor) && fails()) return -1;
    return (int)syscall(SYS_fsync, descriptor);
}

int fdatasync(int descriptor) {
    if (is_on_disk(descriptor) && fails()) return -1;
    return (int)syscall(SYS_fdatasync, descriptor);
}

int rename(const char *from, const char *to) {
    if (is_inside(to) && fails()) return -1;
    return (int)syscall(SYS_rename, from, to);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    if (is_inside(to) && fails()) return -1;
    return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}

int unlink(const char *path) {
    if (is_inside(path) && fails()) return -1;
    return (int)syscall(SYS_unlink, path);
}

int open64(const char *path, int flags, ...) {
    mode_t mode = 0;
    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list more;
        va_start(more, flags);
        mode = va_arg(more, mode_t);
        va_end(more);
    }
    // Files that are only read can always be opened.
    if (flags & (O_CREAT | O_WRONLY | O_RDWR) && is_inside(path) && fails_up_to(-1, LONG_MAX)) return -1;
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...) {
    mode_t mode = 0;
    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list more;
        va_start(more, flags);
        mode = va_arg(more, mode_t);
        va_end(more);
    }
    return open64(path, flags, mode);
}
