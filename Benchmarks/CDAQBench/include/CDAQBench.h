// The bare C loops that are the rooflines of the benchmarks, and the sender that feeds both sides.
#ifndef CDAQBENCH_H
#define CDAQBENCH_H

#include <stddef.h>
#include <stdint.h>

// CPU time of the calling thread in nanoseconds.
uint64_t bench_thread_time(void);
// CPU time of all threads in nanoseconds.
uint64_t bench_process_time(void);
// CPU time of the calling thread in nanoseconds, as the scheduler divides it.
typedef struct {
    uint64_t user, kernel;
} bench_times;
bench_times bench_usage(void);
// Runs body(argument) on a new thread on one processor.
void bench_spawn_pinned(int cpu, void *_Nullable argument, void (*_Nonnull body)(void *_Nullable));
// Nanoseconds that mapping and touching so many fresh bytes takes.
uint64_t bench_touch(uint64_t bytes);
// Wall time in nanoseconds.
uint64_t bench_time(void);
// Standard output line by line, so that nothing is lost when a later benchmark fails.
void bench_line_buffered(void);
// Writes a message to standard error.
void bench_complain(const char *_Nonnull message);
// Pins the calling thread.
int bench_pin(int cpu);
// Lets the calling thread, and those it starts, run on every processor.
int bench_unpin(void);

// A UDP socket bound to 127.0.0.1 and any port, with a large buffer; not blocking. Returns it, or -errno.
int bench_bind(int port, int buffer_bytes);
// A UDP socket connected to 127.0.0.1:port.
int bench_connect(int port);
void bench_close(int socket);
// Sends `count` datagrams of `length` bytes, `stride` apart, `together` of them in a message that the kernel cuts (1: each by
// itself). Returns how many, or -errno.
int bench_send(int socket, const void *_Nonnull data, size_t stride, size_t length, uint32_t count, uint32_t together);

// A file in memory, mapped at `memory`. Returns its descriptor, or -errno.
int bench_file_in_memory(uint64_t bytes, void *_Nullable *_Nonnull memory);
// Frames that lie in a file in memory: so many slots, each of so many datagrams of a length, without gaps between them.
typedef struct {
    uint32_t slots, packets, length;
} bench_frames;
// Nanoseconds of wall and of CPU time that sending took.
typedef struct {
    uint64_t elapsed, cpu;
} bench_sent;
// Sends `count` frames, slot after slot in turn, writes their numbers into the headers before, and spreads the datagrams over
// the time that `bytes_per_ns` gives (0: at full speed). Returns 0, or -errno.
int bench_send_frames(int socket, int file, void *_Nonnull memory, bench_frames frames, uint64_t first, uint64_t count,
                      double bytes_per_ns, bench_sent *_Nonnull result);
// Memory of this process that is resident.
uint64_t bench_resident_bytes(void);

// What the calling thread executed.
typedef struct {
    uint64_t instructions;
    // Calls of malloc and its kind, of swift_allocObject, of swift_retain, swift_release and their kind.
    uint64_t allocations, objects, reference_counts;
    // Calls of pthread_mutex_lock and its kind.
    uint64_t pthread_locks;
    // Instructions that read and write memory at once (lock prefix, exchange): a Swift Mutex has two, a reference count one.
    uint64_t atomics;
    uint64_t system_calls, receive_calls, futex_calls;
} bench_counts;
// Counts from now on, which takes some microseconds an instruction. Returns 0, or -errno where processors cannot.
int bench_count_begin(void);
bench_counts bench_count_end(void);
// Takes a pthread lock and asks the kernel something, so that both can be seen in the counts.
void bench_lock_and_ask(void);

// Buffers of the bare loop, as the library has them.
typedef struct bench_pool bench_pool;
bench_pool *_Nullable bench_pool_create(uint32_t stride, uint32_t count);
void bench_pool_destroy(bench_pool *_Nonnull pool);
void *_Nonnull bench_pool_base(bench_pool *_Nonnull pool);
// One recvmmsg call.
int bench_receive(bench_pool *_Nonnull pool, int socket);

// Writes `count` images one after another to a new file, after one that is not counted, in space that was reserved when `direct`,
// which also bypasses the page cache. So many `different` images lie one after another and are written in turn. Returns the
// seconds from the second image to the last, or a negative number.
double bench_write_file(const char *_Nonnull path, const void *_Nonnull images, size_t bytes, int different, int count, int direct);

#endif
