// Follows the images of a running `daqctl run`: ring_reader NAME [IMAGES]. Build: cc -O2 -o ring_reader ring_reader.c
#include "daq_ring.h"

#include <stdlib.h>

int main(int count, char **words) {
    daq_ring ring;
    if (count < 2 || daq_ring_open(&ring, words[1]) != 0) {
        fprintf(stderr, "usage: ring_reader NAME [IMAGES]; there must be a ring of that name (daqctl ring list)\n");
        return 1;
    }
    long wanted = count > 2 ? atol(words[2]) : -1;
    for (uint64_t last = 0; wanted != 0 && (daq_ring_published(&ring) > last || !daq_ring_is_over(&ring));) {
        daq_ring_image image;
        uint64_t newest = daq_ring_published(&ring);
        if (newest == last) {
            usleep(1000);
            continue;
        }
        last = newest;
        if (daq_ring_find(&ring, newest, &image) != 0) continue;
        uint64_t sum = 0;
        for (uint64_t i = 0; i < ring.image_bytes; i++) sum += ((const unsigned char *)image.pixels)[i];
        if (!daq_ring_is_still(&image)) continue;
        printf("image %llu: sum of bytes %llu\n", (unsigned long long)image.id, (unsigned long long)sum);
        wanted -= wanted > 0;
    }
    daq_ring_close(&ring);
    return 0;
}
