// Counts what a thread executes, one instruction at a time: with the trap flag of the processor set, every instruction ends in
// a signal, whose handler looks at the next one.
#include "CDAQBench.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__x86_64__)

enum { trap_flag = 0x100 };

static bench_counts counts;
static volatile sig_atomic_t counting;

struct entry {
    const char *name;
    size_t counter;
    uintptr_t address;
};

#define ALLOCATION(name) {name, offsetof(bench_counts, allocations), 0}
#define OBJECT(name) {name, offsetof(bench_counts, objects), 0}
#define REFERENCE(name) {name, offsetof(bench_counts, reference_counts), 0}
#define LOCK(name) {name, offsetof(bench_counts, pthread_locks), 0}

// Functions whose first instruction is counted. Where one of them calls another, both count.
static struct entry entries[] = {
    ALLOCATION("malloc"), ALLOCATION("calloc"), ALLOCATION("realloc"), ALLOCATION("posix_memalign"), ALLOCATION("aligned_alloc"),
    ALLOCATION("mmap"), OBJECT("swift_allocObject"), REFERENCE("swift_retain"),
    REFERENCE("swift_release"), REFERENCE("swift_retain_n"), REFERENCE("swift_release_n"), REFERENCE("swift_bridgeObjectRetain"),
    REFERENCE("swift_bridgeObjectRelease"), REFERENCE("swift_unknownObjectRetain"), REFERENCE("swift_unknownObjectRelease"),
    REFERENCE("swift_weakLoadStrong"), REFERENCE("swift_unownedRetainStrong"), LOCK("pthread_mutex_lock"),
    LOCK("pthread_rwlock_rdlock"), LOCK("pthread_rwlock_wrlock"), LOCK("pthread_spin_lock"),
};

static int is_legacy_prefix(uint8_t byte) {
    return byte == 0xf0 || byte == 0x66 || byte == 0x67 || byte == 0xf2 || byte == 0xf3 || byte == 0x2e || byte == 0x36 ||
           byte == 0x3e || byte == 0x26 || byte == 0x64 || byte == 0x65;
}

static void look_at(const greg_t *registers) {
    const uint8_t *next = (const uint8_t *)registers[REG_RIP];
    counts.instructions++;
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        if (entries[i].address == (uintptr_t)next) (*(uint64_t *)((char *)&counts + entries[i].counter))++;
    int is_atomic = 0;
    for (; is_legacy_prefix(*next); next++) is_atomic |= *next == 0xf0;
    if ((*next & 0xf0) == 0x40) next++;
    // An exchange with memory is atomic without the prefix.
    if ((*next == 0x86 || *next == 0x87) && next[1] >> 6 != 3) is_atomic = 1;
    counts.atomics += is_atomic;
    if (*next == 0x0f && next[1] == 0x05) {
        counts.system_calls++;
        counts.receive_calls += registers[REG_RAX] == SYS_recvmmsg;
        counts.futex_calls += registers[REG_RAX] == SYS_futex;
    }
}

static void step(int signal, siginfo_t *information, void *context) {
    (void)signal, (void)information;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    if (counting) {
        look_at(registers);
        registers[REG_EFL] |= trap_flag;
    } else {
        registers[REG_EFL] &= ~(greg_t)trap_flag;
    }
}

int bench_count_begin(void) {
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        entries[i].address = (uintptr_t)dlsym(RTLD_DEFAULT, entries[i].name);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = step;
    action.sa_flags = SA_SIGINFO;
    if (sigaction(SIGTRAP, &action, NULL) != 0) return -errno;
    memset(&counts, 0, sizeof counts);
    counting = 1;
    raise(SIGTRAP);
    return 0;
}

bench_counts bench_count_end(void) {
    counting = 0;
    return counts;
}

#else

int bench_count_begin(void) { return -ENOTSUP; }
bench_counts bench_count_end(void) { return (bench_counts){0}; }

#endif

void bench_lock_and_ask(void) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    (void)getppid();
}
