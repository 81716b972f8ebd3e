#include "CDAQKernels.h"
#include "variants.h"

#pragma STDC FP_CONTRACT OFF

typedef uint16_t word __attribute__((aligned(1), may_alias));

CDAQ_CLONES
size_t cdaq_count_gain(const void *raw, size_t count, uint32_t gain) {
    const word *words = raw;
    size_t found = 0;
    for (size_t i = 0; i < count; i++) found += (uint32_t)(words[i] >> 14) == gain;
    return found;
}

CDAQ_CLONES
void cdaq_accumulate_dark(
    const void *raw, size_t count, uint32_t gain, double window, double *restrict sums, double *restrict squares,
    int64_t *restrict mask, int64_t bit) {
    const word *words = raw;
    if (window != 0) {
        for (size_t i = 0; i < count; i++) {
            sums[i] -= sums[i] / window;
            squares[i] -= squares[i] / window;
        }
    }
    for (size_t i = 0; i < count; i++) {
        double adc = words[i] & 0x3FFF;
        sums[i] += adc;
        squares[i] += adc * adc;
        mask[i] |= (uint32_t)(words[i] >> 14) == gain ? 0 : bit;
    }
}
