// The few pixel loops that need more than Swift's default instruction set. Each has a twin in Swift (PixelKernels.swift)
// that the tests compare with every variant here, bit for bit.
//
// All pointers to pixels may be unaligned. Nothing here allocates, and every function may be called by many threads.
#ifndef CDAQKERNELS_H
#define CDAQKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Instruction sets with a variant of their own.
enum cdaq_isa { CDAQ_ISA_DEFAULT, CDAQ_ISA_X86_64_V3, CDAQ_ISA_X86_64_V4, CDAQ_ISA_X86_64_V3_GFNI };

// What turns JUNGFRAU words (two gain bits over fourteen ADC bits) into values.
struct cdaq_correction {
    // Pedestal and factor of the first pixel, planes in the order P0 G0 P1 G1 P2 G2, `stride` floats apart.
    const float *tables;
    size_t stride;
    // What the invalid gain code 10 becomes: `invalid_bits` where `invalid_mask` has ones, the third stage's value elsewhere.
    uint32_t invalid_mask;
    uint32_t invalid_bits;
    // The tables are too large to stay in the cache: planes of stages that do not occur are not read.
    bool is_large;
};

// out[i * step] = (adc - P) * G for `count` words, as float, or rounded half to even as int32, limited to ±INT32_MAX.
void cdaq_correct_float32(struct cdaq_correction correction, const void *raw, size_t count, void *out, ptrdiff_t step);
void cdaq_correct_int32(struct cdaq_correction correction, const void *raw, size_t count, void *out, ptrdiff_t step);

// The same for one instruction set; false, and nothing done, when this processor does not have it.
bool cdaq_correct_float32_for(
    enum cdaq_isa isa, struct cdaq_correction correction, const void *raw, size_t count, void *out, ptrdiff_t step);
bool cdaq_correct_int32_for(
    enum cdaq_isa isa, struct cdaq_correction correction, const void *raw, size_t count, void *out, ptrdiff_t step);

// Copies bytes past the cache. Like the corrections with step 1, its stores are visible to other threads only after
// cdaq_store_fence: locks and atomics do not order them.
void cdaq_copy_streaming(void *place, const void *bytes, size_t count);

// Orders all earlier stores of this thread, streaming ones included, before later ones.
void cdaq_store_fence(void);

// One stage's planes: pedestals copied, factor = numerator / gain. Pixels that cannot be corrected (pedestal or factor not finite,
// or factor 0) get 0 for both and `unusable` 1; the others leave `unusable` as it is.
void cdaq_plan_stage(
    const float *pedestal, const float *gain, float numerator, size_t count, float *planned_pedestal, float *planned_factor,
    uint8_t *unusable);

// How many of `count` words carry these gain bits (0 to 3).
size_t cdaq_count_gain(const void *raw, size_t count, uint32_t gain);

// Adds a dark frame: for every pixel sum += adc and square += adc * adc, after both lost their part 1/window when `window`
// is not 0; words with other gain bits than `gain` set `bit` in the mask.
void cdaq_accumulate_dark(
    const void *raw, size_t count, uint32_t gain, double window, double *sums, double *squares, int64_t *mask, int64_t bit);

// Bitshuffle of one block: `count` little-endian elements of `size` bytes (1, 2, 4 or 8) become 8 * size rows of count / 8 bytes;
// row j holds bit j of every element, the first element's in the lowest bit of the first byte. `count` is a multiple of 8; the
// memories do not overlap.
void cdaq_bitshuffle(const void *elements, size_t count, size_t size, void *rows);
void cdaq_bitunshuffle(const void *rows, size_t count, size_t size, void *elements);

// The same for one instruction set; false, and nothing done, when this processor does not have it.
bool cdaq_bitshuffle_for(enum cdaq_isa isa, const void *elements, size_t count, size_t size, void *rows);
bool cdaq_bitunshuffle_for(enum cdaq_isa isa, const void *rows, size_t count, size_t size, void *elements);

#endif
