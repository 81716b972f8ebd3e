#include "CDAQTestSupport.h"

#include <stdio.h>
#include <time.h>

static inline uint32_t hash(uint32_t seed, uint32_t index) {
    uint32_t v = index * 2654435761u + seed * 40503u;
    v ^= v >> 15;
    v *= 2246822519u;
    return v ^ v >> 13;
}

void cdaq_test_raw(uint16_t *words, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t r = hash(1, (uint32_t)i), q = r >> 16 & 15;
        uint32_t gain = q < 10 ? 0 : q < 13 ? 1 : q < 15 ? 3 : 2;
        words[i] = (uint16_t)(gain << 14 | (r & 0x3FFF));
    }
}

void cdaq_test_pedestal(float *values, size_t count, int plane) {
    static const double level[] = {2500, 13800, 14000, 2600};
    for (size_t i = 0; i < count; i++)
        values[i] = (float)(level[plane] + (hash(10 + (uint32_t)plane, (uint32_t)i) & 0x3FF) / 8.0);
}

void cdaq_test_gain(float *values, size_t count, int plane) {
    static const double level[] = {41.0, -1.439, -0.1145, 100.0, -1.5, -0.12};
    for (size_t i = 0; i < count; i++) {
        double deviation = (double)(hash(20 + (uint32_t)plane, (uint32_t)i) & 0xFF) - 128;
        values[i] = (float)(level[plane] * (1 + deviation / 4096));
    }
}

void cdaq_test_mask(int64_t *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = hash(30, (uint32_t)i) % 97 == 0;
}

void cdaq_test_dark_frame(uint16_t *words, size_t count, uint32_t number, uint32_t gain) {
    uint32_t level = gain == 0 ? 2500 : gain == 1 ? 13800 : 14000;
    for (size_t i = 0; i < count; i++) {
        uint32_t index = (uint32_t)i;
        uint32_t adc = hash(32, index) % 7001 == 0 ? 2000 : level + (hash(100 + number, index) & 31);
        uint32_t bits = hash(31, index) % 5001 == 0 ? 0 : gain;
        words[i] = (uint16_t)(bits << 14 | adc);
    }
}

void cdaq_test_fill(void *words, uint32_t value, size_t count) {
    volatile uint32_t *to = words;
    for (size_t i = 0; i < count; i++) to[i] = value;
}

size_t cdaq_test_count_other(const void *words, uint32_t value, size_t count) {
    const volatile uint32_t *from = words;
    size_t other = 0;
    for (size_t i = 0; i < count; i++) other += from[i] != value;
    return other;
}

uint64_t cdaq_test_cpu_time(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void cdaq_test_line_buffered(void) { setvbuf(stdout, NULL, _IOLBF, 0); }
