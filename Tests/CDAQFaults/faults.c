// Functions of the C library that this program replaces for itself and for the libraries it uses.
#define _GNU_SOURCE
#include "CDAQFaults.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int_fast64_t calls;
static atomic_int_fast64_t limit;

void cdaq_faults_arm(int64_t call) {
    atomic_store(&calls, 0);
    atomic_store(&limit, call);
}

int64_t cdaq_faults_calls(void) { return atomic_load(&calls); }

static int is_last(void) {
    int64_t call = atomic_fetch_add(&calls, 1) + 1;
    return call == atomic_load(&limit);
}

static void die(void) { kill(getpid(), SIGKILL); }

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    if (is_last()) {
        if (atomic_load(&limit) % 2 == 1) {
            // The kernel stops a write for a signal between pages, never inside one.
            off64_t middle = (offset + (off64_t)count / 2) & ~(off64_t)4095;
            if (middle > offset) syscall(SYS_pwrite64, descriptor, bytes, (size_t)(middle - offset), offset);
        }
        die();
    }
    return syscall(SYS_pwrite64, descriptor, bytes, count, offset);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return pwrite64(descriptor, bytes, count, offset);
}

int ftruncate64(int descriptor, off64_t length) {
    if (is_last()) die();
    return (int)syscall(SYS_ftruncate, descriptor, length);
}

int ftruncate(int descriptor, off_t length) { return ftruncate64(descriptor, length); }

int fsync(int descriptor) {
    if (is_last()) die();
    return (int)syscall(SYS_fsync, descriptor);
}

int fdatasync(int descriptor) {
    if (is_last()) die();
    return (int)syscall(SYS_fdatasync, descriptor);
}

int fallocate(int descriptor, int mode, off_t offset, off_t length) {
    if (is_last()) die();
    return (int)syscall(SYS_fallocate, descriptor, mode, offset, length);
}

int rename(const char *from, const char *to) {
    if (is_last()) die();
    return (int)syscall(SYS_rename, from, to);
}

int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
    if (is_last()) die();
    return (int)syscall(SYS_renameat2, from_directory, from, to_directory, to, flags);
}

int unlink(const char *path) {
    if (is_last()) die();
    return (int)syscall(SYS_unlink, path);
}
