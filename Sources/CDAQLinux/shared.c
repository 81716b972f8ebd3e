#include "CDAQLinuxShared.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct flock one_byte(short type, int64_t offset) {
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1, .l_pid = 0};
}

static int set_lock(int descriptor, short type, int64_t offset) {
    struct flock lock = one_byte(type, offset);
    int result;
    do {
        result = fcntl(descriptor, F_OFD_SETLK, &lock);
    } while (result != 0 && errno == EINTR);
    if (result == 0) return 0;
    return errno == EACCES ? -EAGAIN : -errno;
}

int cdaq_lock_byte(int descriptor, int64_t offset) { return set_lock(descriptor, F_WRLCK, offset); }

int cdaq_unlock_byte(int descriptor, int64_t offset) { return set_lock(descriptor, F_UNLCK, offset); }

int cdaq_byte_is_locked(int descriptor, int64_t offset) {
    // A reading lock is refused by a writing one only, so this asks about owners, not about other askers.
    struct flock lock = one_byte(F_RDLCK, offset);
    if (fcntl(descriptor, F_OFD_GETLK, &lock) != 0) return -errno;
    return lock.l_type != F_UNLCK;
}

int cdaq_futex_wait(const void *word, uint32_t value, uint32_t microseconds) {
    struct timespec limit = {.tv_sec = microseconds / 1000000, .tv_nsec = (long)(microseconds % 1000000) * 1000};
    return syscall(SYS_futex, word, FUTEX_WAIT, value, &limit, NULL, 0) == 0 ? 0 : -errno;
}

int cdaq_futex_wake(const void *word, int count) {
    long woken = syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
    return woken < 0 ? -errno : (int)woken;
}
