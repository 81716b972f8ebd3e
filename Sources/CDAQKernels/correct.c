#include "CDAQKernels.h"
#include "streaming.h"
#include "variants.h"

#include <math.h>

// Subtract, then multiply: both rounded, so that every instruction set gives the same bits.
#pragma STDC FP_CONTRACT OFF

typedef uint16_t word __attribute__((aligned(1), may_alias));
typedef uint32_t pixel __attribute__((aligned(1), may_alias));

// One test decides for so many pixels whether a gain was switched at all: fine enough to keep the fast path where photons are
// rare, coarse enough that scattered gains do not turn into branch misses.
enum { GROUP = 64, LINE = CDAQ_LINE / sizeof(float) };

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

// Which stages besides the first one occur among a line of words: all ones or 0 for the second, and for the others.
struct stages {
    uintptr_t second, third;
};

CDAQ_BODY struct stages stages_of_line(const word *raw) {
    uint64_t low = 0, high = 0;
    for (size_t i = 0; i < LINE / 4; i++) {
        uint64_t words;
        __builtin_memcpy(&words, raw + 4 * i, sizeof words);
        high |= words;
        // Bit 14 without bit 15; what the shift brings over from a neighbouring word falls on other bits.
        low |= words & ~(words >> 1);
    }
    return (struct stages){
        -(uintptr_t)((low & 0x4000400040004000u) != 0), -(uintptr_t)((high & 0x8000800080008000u) != 0)};
}

// Lines ahead that are fetched from tables in memory.
enum { AHEAD = 32 };

// A line of pixels of tables that do not stay in the cache: planes of stages that do not occur are not read. Where a stage
// does not occur, the first one's line is read a second time instead, which costs nothing, while a branch would cost dearly.
CDAQ_BODY void correct_line(
    struct cdaq_correction c, struct stages stages, const float *p0, const word *restrict raw, pixel *restrict out, bool integer) {
    const float *p1 = p0 + (2 * c.stride & stages.second), *p2 = p0 + (4 * c.stride & stages.third);
    const float *g0 = p0 + c.stride, *g1 = p1 + c.stride, *g2 = p2 + c.stride;
    for (size_t i = 0; i < LINE; i++) {
        uint32_t stage = raw[i] >> 14;
        uint32_t is_second = -(uint32_t)(stage == 1), is_third = -(stage >> 1), is_first = ~(is_second | is_third);
        float pedestal = float_of((bits_of(p0[i]) & is_first) | (bits_of(p1[i]) & is_second) | (bits_of(p2[i]) & is_third));
        float factor = float_of((bits_of(g0[i]) & is_first) | (bits_of(g1[i]) & is_second) | (bits_of(g2[i]) & is_third));
        float value = ((float)(raw[i] & 0x3FFF) - pedestal) * factor;
        uint32_t invalid = -(uint32_t)(stage == 2) & c.invalid_mask;
        out[i] = ((integer ? rounded(value) : bits_of(value)) & ~invalid) | (c.invalid_bits & invalid);
    }
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

// Pixels whose tables do not stay in the cache, written past it.
CDAQ_BODY void correct_large(
    struct cdaq_correction c, const word *raw, size_t count, pixel *out, size_t head, bool integer) {
    enum { BLOCK = 256 };
    correct_group(c, raw, 0, head, out, integer);
    size_t first = head;
    while (first + LINE <= count) {
        size_t lines = (count - first) / LINE;
        if (lines > BLOCK) lines = BLOCK;
        struct stages stages[BLOCK];
        uintptr_t any = 0;
        for (size_t i = 0; i < lines; i++) {
            stages[i] = stages_of_line(raw + first + i * LINE);
            any |= stages[i].second | stages[i].third;
        }
        for (size_t i = 0; i < lines; i++, first += LINE) {
            pixel values[LINE] __attribute__((aligned(CDAQ_LINE)));
            const float *p0 = c.tables + first, *next = p0 + AHEAD * LINE;
            __builtin_prefetch(next);
            __builtin_prefetch(next + c.stride);
            if (any == 0) {
                const float *g0 = p0 + c.stride;
                for (size_t k = 0; k < LINE; k++) {
                    float value = ((float)raw[first + k] - p0[k]) * g0[k];
                    values[k] = integer ? rounded(value) : bits_of(value);
                }
            } else {
                struct stages ahead = stages[i + AHEAD < lines ? i + AHEAD : i];
                __builtin_prefetch(next + (2 * c.stride & ahead.second));
                __builtin_prefetch(next + c.stride + (2 * c.stride & ahead.second));
                __builtin_prefetch(next + (4 * c.stride & ahead.third));
                __builtin_prefetch(next + c.stride + (4 * c.stride & ahead.third));
                correct_line(c, stages[i], p0, raw + first, values, integer);
            }
            cdaq_stream_lines(out + first, values, 1);
        }
    }
    correct_group(c, raw, first, count - first, out + first, integer);
}

CDAQ_BODY void correct(
    struct cdaq_correction c, const void *raw_bytes, size_t count, void *out_bytes, ptrdiff_t step, bool integer) {
    const word *raw = raw_bytes;
    pixel *out = out_bytes;
    // Whole groups begin on cache lines, so that they can be written past the cache.
    size_t head = step == 1 && (uintptr_t)out % sizeof *out == 0 ? cdaq_bytes_to_line(out) / sizeof *out : 0;
    if (c.is_large && step == 1 && (uintptr_t)out % sizeof *out == 0) {
        correct_large(c, raw, count, out, head < count ? head : count, integer);
        return;
    }
    for (size_t first = 0; first < count;) {
        size_t length = first == 0 && head > 0 ? head : GROUP;
        if (length > count - first) length = count - first;
        // A constant length lets the compiler unroll whole groups.
        if (step == 1 && length == GROUP && cdaq_bytes_to_line(out + first) == 0) {
            pixel values[GROUP] __attribute__((aligned(CDAQ_LINE)));
            correct_group(c, raw, first, GROUP, values, integer);
            cdaq_stream_lines(out + first, values, sizeof values / CDAQ_LINE);
        } else if (step == 1) {
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
        first += length;
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
