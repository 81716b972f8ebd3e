#include "CDAQBench.h"

#include <linux/falloc.h>
#include <fcntl.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint64_t now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t bench_thread_time(void) { return now(CLOCK_THREAD_CPUTIME_ID); }
uint64_t bench_process_time(void) { return now(CLOCK_PROCESS_CPUTIME_ID); }
uint64_t bench_time(void) { return now(CLOCK_MONOTONIC); }

bench_times bench_usage(void) {
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return (bench_times){
        (uint64_t)usage.ru_utime.tv_sec * 1000000000u + (uint64_t)usage.ru_utime.tv_usec * 1000u,
        (uint64_t)usage.ru_stime.tv_sec * 1000000000u + (uint64_t)usage.ru_stime.tv_usec * 1000u};
}

struct spawned {
    int cpu;
    void *argument;
    void (*body)(void *);
};

static void *run_spawned(void *argument) {
    struct spawned spawned = *(struct spawned *)argument;
    free(argument);
    bench_pin(spawned.cpu);
    spawned.body(spawned.argument);
    return NULL;
}

void bench_spawn_pinned(int cpu, void *argument, void (*body)(void *)) {
    struct spawned *spawned = malloc(sizeof *spawned);
    *spawned = (struct spawned){cpu, argument, body};
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_spawned, spawned) == 0) pthread_detach(thread);
}

uint64_t bench_touch(uint64_t bytes) {
    uint64_t begin = bench_time();
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return 0;
    madvise(memory, bytes, MADV_HUGEPAGE);
    for (uint64_t i = 0; i < bytes; i += 4096) memory[i] = 0;
    uint64_t time = bench_time() - begin;
    munmap(memory, bytes);
    return time;
}

void bench_line_buffered(void) { setvbuf(stdout, NULL, _IOLBF, 0); }

void bench_complain(const char *message) { fputs(message, stderr); }

int bench_pin(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return -pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

int bench_unpin(void) {
    cpu_set_t set;
    memset(&set, 0xFF, sizeof set);
    return pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

int bench_bind(int port, int buffer_bytes) {
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s < 0) return -errno;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_bytes, sizeof buffer_bytes) != 0)
        setsockopt(s, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    if (bind(s, (struct sockaddr *)&a, sizeof a) != 0) {
        int e = errno;
        close(s);
        return -e;
    }
    return s;
}

int bench_connect(int port) {
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0) return -errno;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(s, (struct sockaddr *)&a, sizeof a) != 0) return -errno;
    return s;
}

void bench_close(int socket) { close(socket); }

int bench_send(int socket, const void *data, size_t stride, size_t length, uint32_t count, uint32_t together) {
    enum { most = 64 };
    struct mmsghdr m[most];
    struct iovec v[most];
    int segment = together > 1 ? (int)length : 0;
    if (setsockopt(socket, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment) != 0) return -errno;
    uint32_t sent = 0;
    while (sent < count) {
        uint32_t packets = count - sent < most ? count - sent : most, messages = 0;
        memset(m, 0, sizeof m);
        for (uint32_t i = 0; i < packets; i++) {
            v[i] = (struct iovec){.iov_base = (char *)data + (sent + i) * stride, .iov_len = length};
            if (i % together == 0) m[messages++].msg_hdr.msg_iov = &v[i];
            m[messages - 1].msg_hdr.msg_iovlen++;
        }
        int k = sendmmsg(socket, m, messages, 0);
        if (k < 0) return -errno;
        for (int i = 0; i < k; i++) sent += m[i].msg_hdr.msg_iovlen;
    }
    return (int)sent;
}

struct bench_pool {
    uint32_t count;
    void *base;
    struct mmsghdr *messages;
    struct iovec *buffers;
};

bench_pool *bench_pool_create(uint32_t stride, uint32_t count) {
    bench_pool *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->count = count;
    p->messages = calloc(count, sizeof *p->messages);
    p->buffers = calloc(count, sizeof *p->buffers);
    if (!p->messages || !p->buffers || posix_memalign(&p->base, 4096, (size_t)stride * count) != 0) return NULL;
    memset(p->base, 0, (size_t)stride * count);
    for (uint32_t i = 0; i < count; i++) {
        p->buffers[i] = (struct iovec){.iov_base = (char *)p->base + (size_t)i * stride, .iov_len = stride};
        p->messages[i].msg_hdr.msg_iov = &p->buffers[i];
        p->messages[i].msg_hdr.msg_iovlen = 1;
    }
    return p;
}

void bench_pool_destroy(bench_pool *pool) {
    free(pool->base);
    free(pool->messages);
    free(pool->buffers);
    free(pool);
}

void *bench_pool_base(bench_pool *pool) { return pool->base; }

int bench_receive(bench_pool *pool, int socket) {
    int n = recvmmsg(socket, pool->messages, pool->count, MSG_DONTWAIT, NULL);
    return n < 0 ? (errno == EAGAIN ? 0 : -errno) : n;
}

double bench_write_file(const char *path, const void *images, size_t bytes, int different, int count, int direct) {
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | (direct ? O_DIRECT : 0), 0600);
    if (descriptor < 0) return -1;
    if (direct) (void)fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes * (count + 1));
    uint64_t begin = 0;
    int failed = 0;
    for (int i = 0; i <= count; i++) {
        if (i == 1) begin = bench_time();
        failed |= write(descriptor, (const char *)images + (size_t)(i % different) * bytes, bytes) != (ssize_t)bytes;
    }
    double elapsed = (double)(bench_time() - begin) / 1e9;
    close(descriptor);
    return failed ? -1 : elapsed;
}
