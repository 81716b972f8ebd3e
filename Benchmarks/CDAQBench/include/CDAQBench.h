// The bare C loops that are the rooflines of the benchmarks, and the sender that feeds both sides.
#ifndef CDAQBENCH_H
#define CDAQBENCH_H

#include <stddef.h>
#include <stdint.h>

// CPU time of the calling thread in nanoseconds.
uint64_t bench_thread_time(void);
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
// Pins the calling thread.
int bench_pin(int cpu);

// Lets the calling thread, and those it starts, run on every processor.
void bench_unpin(void);

// A UDP socket bound to 127.0.0.1 and any port, with a large buffer; not blocking. Returns it, or -errno.
int bench_bind(int port, int buffer_bytes);
// A UDP socket connected to 127.0.0.1:port.
int bench_connect(int port);
// Sends `count` datagrams of `length` bytes, `stride` apart. Returns how many, or -errno.
int bench_send(int socket, const void *_Nonnull data, size_t stride, size_t length, uint32_t count);

// Buffers of the bare loop, as the library has them.
typedef struct bench_pool bench_pool;
bench_pool *_Nullable bench_pool_create(uint32_t stride, uint32_t count);
void *_Nonnull bench_pool_base(bench_pool *_Nonnull pool);
// recvmmsg until the socket is empty or `limit` datagrams came. Returns how many.
int64_t bench_drain(bench_pool *_Nonnull pool, int socket, uint64_t limit);
// One recvmmsg call.
int bench_receive(bench_pool *_Nonnull pool, int socket);

// Copies rows of `row_bytes` from packet buffers into an image, as placing does: memcpy, or streaming stores.
void bench_place_rows(const void *_Nonnull packets, size_t stride, size_t header, uint32_t count, size_t payload,
                      void *_Nonnull image);

#endif
