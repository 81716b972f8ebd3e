// Reads the images of a running `daqctl run` from shared memory; docs/ring-layout.md describes it. Needs C11 and Linux.
#ifndef DAQ_RING_H
#define DAQ_RING_H

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    const char *index, *pixels;
    size_t index_bytes, pixel_bytes;
    uint64_t width, height, slots, stride, image_bytes;
    // 1 uint8, 2 uint16, 3 uint32, 4 int16, 5 int32, 6 float32
    uint32_t pixel_type;
} daq_ring;

typedef struct {
    uint64_t id, pulse_id, publication, generation;
    uint32_t segment, missing_packets;
    // The pixels in place: worth something only if daq_ring_is_still() says so after they were used.
    const void *pixels;
    const char *descriptor;
} daq_ring_image;

static inline uint64_t daq_ring_u64(const char *memory, size_t offset) {
    return atomic_load_explicit((const _Atomic uint64_t *)(memory + offset), memory_order_acquire);
}

static inline uint32_t daq_ring_u32(const char *memory, size_t offset) {
    return atomic_load_explicit((const _Atomic uint32_t *)(memory + offset), memory_order_acquire);
}

static inline const char *daq_ring_map(const char *name, size_t *bytes, uint64_t *inode) {
    char path[300];
    struct stat status;
    if (snprintf(path, sizeof path, "/dev/shm/%s", name) >= (int)sizeof path) return NULL;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return NULL;
    void *memory = fstat(file, &status) == 0 && status.st_size >= 4096
                       ? mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0)
                       : MAP_FAILED;
    close(file);
    if (memory == MAP_FAILED) return NULL;
    *bytes = (size_t)status.st_size;
    *inode = status.st_ino;
    return memory;
}

static inline void daq_ring_close(daq_ring *ring) {
    if (ring->index) munmap((void *)ring->index, ring->index_bytes);
    if (ring->pixels) munmap((void *)ring->pixels, ring->pixel_bytes);
    memset(ring, 0, sizeof *ring);
}

// Opens a ring. Returns 0, or -1 when there is none, or a new owner is just replacing it: try again then.
static inline int daq_ring_open(daq_ring *ring, const char *name) {
    static const uint32_t sizes[] = {0, 1, 2, 4, 2, 4, 4};
    char object[280];
    uint64_t inode = 0;
    memset(ring, 0, sizeof *ring);
    snprintf(object, sizeof object, "daq.%s.index", name);
    ring->index = daq_ring_map(object, &ring->index_bytes, &inode);
    if (!ring->index) return -1;
    if (memcmp(ring->index, "DAQRING1", 8) == 0 && daq_ring_u32(ring->index, 8) == 1) {
        ring->pixel_type = daq_ring_u32(ring->index, 20);
        ring->width = daq_ring_u64(ring->index, 24);
        ring->height = daq_ring_u64(ring->index, 32);
        ring->slots = daq_ring_u64(ring->index, 40);
        ring->stride = daq_ring_u64(ring->index, 48);
        memcpy(object, ring->index + 256, 255);
        object[255] = 0;
        ring->pixels = daq_ring_map(object, &ring->pixel_bytes, &inode);
        if (ring->pixels && inode == daq_ring_u64(ring->index, 112) && ring->pixel_type >= 1 && ring->pixel_type <= 6 &&
            ring->slots * ring->stride <= ring->pixel_bytes &&
            daq_ring_u64(ring->index, 88) + 4 * daq_ring_u64(ring->index, 104) <= ring->index_bytes &&
            daq_ring_u64(ring->index, 72) + ring->slots * daq_ring_u64(ring->index, 80) <= ring->index_bytes) {
            ring->image_bytes = ring->width * ring->height * sizes[ring->pixel_type];
            return 0;
        }
    }
    daq_ring_close(ring);
    return -1;
}

// Images published so far: the number of the newest one.
static inline uint64_t daq_ring_published(const daq_ring *ring) { return daq_ring_u64(ring->index, 512); }

// Whether its run has ended properly, or made way for another one.
static inline int daq_ring_is_over(const daq_ring *ring) { return daq_ring_u32(ring->index, 216) != 1; }

// Finds the image of a publication. Returns 0, or -1 when it is overwritten.
static inline int daq_ring_find(const daq_ring *ring, uint64_t publication, daq_ring_image *image) {
    uint64_t entries = daq_ring_u64(ring->index, 104);
    uint32_t entry = daq_ring_u32(ring->index, daq_ring_u64(ring->index, 88) + 4 * (publication & (entries - 1)));
    if (entry == 0 || entry > ring->slots) return -1;
    const char *descriptor = ring->index + daq_ring_u64(ring->index, 72) + (entry - 1) * daq_ring_u64(ring->index, 80);
    image->descriptor = descriptor;
    image->generation = daq_ring_u64(descriptor, 0);
    image->publication = daq_ring_u64(descriptor, 8);
    image->segment = daq_ring_u32(descriptor, 24);
    image->id = daq_ring_u64(descriptor, 32);
    image->pulse_id = daq_ring_u64(descriptor, 40);
    image->missing_packets = daq_ring_u32(descriptor, 76);
    image->pixels = ring->pixels + (entry - 1) * ring->stride;
    if (image->generation & 1 || image->publication != publication || daq_ring_u32(descriptor, 96) != 1) return -1;
    return daq_ring_u64(descriptor, 0) == image->generation ? 0 : -1;
}

// Whether an image is still the one that was found: to be asked after its pixels were used.
static inline int daq_ring_is_still(const daq_ring_image *image) {
    atomic_thread_fence(memory_order_acquire);
    return daq_ring_u64(image->descriptor, 0) == image->generation;
}

#endif
