#include "CDAQKernels.h"
#include "variants.h"

#include <math.h>

// Subtract, then multiply: both rounded, so that every instruction set gives the same bits.
#pragma STDC FP_CONTRACT OFF

typedef uint16_t word __attribute__((aligned(1), may_alias));
typedef uint32_t pixel __attribute__((aligned(1), may_alias));

// One test decides for so many pixels whether a gain was switched at all: fine enough to keep the fast path where photons are
// rare, coarse enough that scattered gains do not turn into branch misses.
enum { GROUP = 64 };

CDAQ_BODY uint32_t bits_of(float value) {
    uint32_t bits;
    __builtin_memcpy(&bits, &value, sizeof bits);
    return bits;
}

CDAQ_BODY float float_of(uint32_t bits) {
    float value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

// Round half to even without a call: adding 2^23 leaves no bits for a fraction. Larger values have none to begin with.
CDAQ_BODY uint32_t rounded(float value) {
    float size = float_of(bits_of(value) & 0x7FFFFFFFu);
    float whole = (size + 8388608.0f) - 8388608.0f;
    whole = size < 8388608.0f ? whole : size;
    float limited = whole < 2147483520.0f ? whole : 2147483520.0f;
    int32_t magnitude = (int32_t)limited;
    magnitude = whole < 2147483648.0f ? magnitude : INT32_MAX;
    // Two's complement of INT32_MAX is one above the lowest value, which stays free for "no value".
    uint32_t sign = (uint32_t)-(int32_t)(bits_of(value) >> 31);
    return ((uint32_t)magnitude ^ sign) - sign;
}

CDAQ_BODY void correct_group(
    struct cdaq_correction c, const word *restrict raw, size_t first, size_t count, pixel *restrict out, bool integer) {
    const float *p0 = c.tables + first, *g0 = p0 + c.stride, *p1 = g0 + c.stride, *g1 = p1 + c.stride, *p2 = g1 + c.stride,
                *g2 = p2 + c.stride;
    raw += first;
    uint32_t any = 0;
    for (size_t i = 0; i < count; i++) any |= raw[i];
    if ((any & 0xC000u) == 0) {
        for (size_t i = 0; i < count; i++) {
            float value = ((float)raw[i] - p0[i]) * g0[i];
            out[i] = integer ? rounded(value) : bits_of(value);
        }
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t stage = raw[i] >> 14;
        // Masks instead of conditional expressions: those make the compiler branch around the loads.
        uint32_t first_stage = -(uint32_t)(stage == 0), second = -(uint32_t)(stage == 1), third = ~(first_stage | second);
        float pedestal = float_of((bits_of(p0[i]) & first_stage) | (bits_of(p1[i]) & second) | (bits_of(p2[i]) & third));
        float factor = float_of((bits_of(g0[i]) & first_stage) | (bits_of(g1[i]) & second) | (bits_of(g2[i]) & third));
        float value = ((float)(raw[i] & 0x3FFF) - pedestal) * factor;
        uint32_t invalid = -(uint32_t)(stage == 2) & c.invalid_mask;
        out[i] = ((integer ? rounded(value) : bits_of(value)) & ~invalid) | (c.invalid_bits & invalid);
    }
}

CDAQ_BODY void correct(
    struct cdaq_correction c, const void *raw_bytes, size_t count, void *out_bytes, ptrdiff_t step, bool integer) {
    const word *raw = raw_bytes;
    pixel *out = out_bytes;
    for (size_t first = 0; first < count; first += GROUP) {
        size_t length = count - first < GROUP ? count - first : GROUP;
        if (step == 1) {
            // A constant length lets the compiler unroll whole groups.
            if (length == GROUP)
                correct_group(c, raw, first, GROUP, out + first, integer);
            else
                correct_group(c, raw, first, length, out + first, integer);
        } else {
            pixel values[GROUP];
            if (length == GROUP)
                correct_group(c, raw, first, GROUP, values, integer);
            else
                correct_group(c, raw, first, length, values, integer);
            pixel *place = out + (ptrdiff_t)first * step;
            for (size_t i = 0; i < length; i++) place[(ptrdiff_t)i * step] = values[i];
        }
    }
}

CDAQ_CLONES
void cdaq_correct_float32(struct cdaq_correction c, const void *raw, size_t count, void *out, ptrdiff_t step) {
    correct(c, raw, count, out, step, false);
}

CDAQ_CLONES
void cdaq_correct_int32(struct cdaq_correction c, const void *raw, size_t count, void *out, ptrdiff_t step) {
    correct(c, raw, count, out, step, true);
}

// The dispatched functions above cannot be made to take another variant, so tests get each variant by name.

static void float32_default(struct cdaq_correction c, const void *raw, size_t count, void *out, ptrdiff_t step) {
    correct(c, raw, count, out, step, false);
}

static void int32_default(struct cdaq_correction c, const void *raw, size_t count, void *out, ptrdiff_t step) {
    correct(c, raw, count, out, step, true);
}

#if CDAQ_MULTIVERSION
CDAQ_TARGET_V3
static void float32_v3(struct cdaq_correction c, const void *raw, size_t count, void *out, ptrdiff_t step) {
    correct(c, raw, count, out, step, false);
}

CDAQ_TARGET_V3
static void int32_v3(struct cdaq_correction c, const void *raw, size_t count, void *out, ptrdiff_t step) {
    correct(c, raw, count, out, step, true);
}

CDAQ_TARGET_V4
static void float32_v4(struct cdaq_correction c, const void *raw, size_t count, void *out, ptrdiff_t step) {
    correct(c, raw, count, out, step, false);
}

CDAQ_TARGET_V4
static void int32_v4(struct cdaq_correction c, const void *raw, size_t count, void *out, ptrdiff_t step) {
    correct(c, raw, count, out, step, true);
}
#endif

bool cdaq_correct_float32_for(
    enum cdaq_isa isa, struct cdaq_correction c, const void *raw, size_t count, void *out, ptrdiff_t step) {
    switch (isa) {
    case CDAQ_ISA_DEFAULT:
        float32_default(c, raw, count, out, step);
        return true;
#if CDAQ_MULTIVERSION
    case CDAQ_ISA_X86_64_V3:
        if (!__builtin_cpu_supports("x86-64-v3")) return false;
        float32_v3(c, raw, count, out, step);
        return true;
    case CDAQ_ISA_X86_64_V4:
        if (!__builtin_cpu_supports("x86-64-v4")) return false;
        float32_v4(c, raw, count, out, step);
        return true;
#endif
    default:
        return false;
    }
}

bool cdaq_correct_int32_for(
    enum cdaq_isa isa, struct cdaq_correction c, const void *raw, size_t count, void *out, ptrdiff_t step) {
    switch (isa) {
    case CDAQ_ISA_DEFAULT:
        int32_default(c, raw, count, out, step);
        return true;
#if CDAQ_MULTIVERSION
    case CDAQ_ISA_X86_64_V3:
        if (!__builtin_cpu_supports("x86-64-v3")) return false;
        int32_v3(c, raw, count, out, step);
        return true;
    case CDAQ_ISA_X86_64_V4:
        if (!__builtin_cpu_supports("x86-64-v4")) return false;
        int32_v4(c, raw, count, out, step);
        return true;
#endif
    default:
        return false;
    }
}

void cdaq_plan_stage(
    const float *pedestal, const float *gain, float numerator, size_t count, float *planned_pedestal, float *planned_factor,
    uint8_t *unusable) {
    for (size_t i = 0; i < count; i++) {
        float factor = numerator / gain[i];
        bool usable = isfinite(pedestal[i]) && isfinite(factor) && factor != 0;
        planned_pedestal[i] = usable ? pedestal[i] : 0;
        planned_factor[i] = usable ? factor : 0;
        unusable[i] |= !usable;
    }
}
