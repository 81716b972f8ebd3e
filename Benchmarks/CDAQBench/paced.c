#include "CDAQBench.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

// A sender that is further behind than this gives up the time it lost; otherwise it catches up.
static const uint64_t longest_delay = 1000000;

int bench_file_in_memory(uint64_t bytes, void **memory) {
    int file = memfd_create("bench", MFD_CLOEXEC);
    if (file < 0) return -errno;
    if (ftruncate(file, (off_t)bytes) == 0) {
        *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
        if (*memory != MAP_FAILED) return file;
    }
    int error = errno;
    close(file);
    return -error;
}

int bench_send_frames(int socket, int file, void *memory, bench_frames frames, uint64_t first, uint64_t count,
                      double bytes_per_ns, bench_sent *result) {
    int segment = (int)frames.length;
    if (setsockopt(socket, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment) != 0) return -errno;
    uint32_t most = 65507 / frames.length;
    uint64_t cpu = bench_thread_time(), begin = bench_time();
    uint64_t due = begin;
    double left_over = 0;
    for (uint64_t frame = first; frame < first + count; frame++) {
        char *packets = (char *)memory + frame % frames.slots * frames.packets * frames.length;
        for (uint32_t packet = 0; packet < frames.packets; packet++)
            memcpy(packets + (size_t)packet * frames.length, &frame, sizeof frame);
        for (uint32_t packet = 0; packet < frames.packets; packet += most) {
            uint32_t together = frames.packets - packet < most ? frames.packets - packet : most;
            size_t bytes = (size_t)together * frames.length;
            if (bytes_per_ns > 0) {
                uint64_t now;
                while ((now = bench_time()) < due) {}
                if (now - due > longest_delay) due = now;
                double step = (double)bytes / bytes_per_ns + left_over;
                due += (uint64_t)step;
                left_over = step - (double)(uint64_t)step;
            }
            // Without a copy: the datagrams in the receiver's queue are the pages of the file.
            off_t offset = packets + (size_t)packet * frames.length - (char *)memory;
            ssize_t sent = sendfile(socket, file, &offset, bytes);
            if (sent != (ssize_t)bytes) return sent < 0 ? -errno : -EIO;
        }
    }
    *result = (bench_sent){bench_time() - begin, bench_thread_time() - cpu};
    return 0;
}

uint64_t bench_resident_bytes(void) {
    unsigned long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) return 0;
    if (fscanf(file, "%lu %lu", &size, &resident) != 2) resident = 0;
    fclose(file);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}
