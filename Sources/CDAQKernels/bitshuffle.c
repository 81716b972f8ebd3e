#include "bitshuffle.h"
#include "CDAQKernels.h"
#include "variants.h"

// The answer is one load and a comparison, which a block of thousands of elements does not notice.
static bool has(enum cdaq_isa isa) {
#if CDAQ_MULTIVERSION
    switch (isa) {
    case CDAQ_ISA_DEFAULT: return true;
    case CDAQ_ISA_X86_64_V3: return __builtin_cpu_supports("x86-64-v3");
    case CDAQ_ISA_X86_64_V4: return __builtin_cpu_supports("x86-64-v4");
    case CDAQ_ISA_X86_64_V3_GFNI: return __builtin_cpu_supports("x86-64-v3") && __builtin_cpu_supports("gfni");
    }
    return false;
#else
    return isa == CDAQ_ISA_DEFAULT;
#endif
}

static enum cdaq_isa best(void) {
    enum cdaq_isa isa = CDAQ_ISA_X86_64_V3_GFNI;
    while (!has(isa)) isa--;
    return isa;
}

bool cdaq_bitshuffle_for(enum cdaq_isa isa, const void *elements, size_t count, size_t size, void *rows) {
    if (!has(isa)) return false;
    switch (isa) {
#if CDAQ_MULTIVERSION
    case CDAQ_ISA_X86_64_V3: cdaq_bitshuffle_v3(elements, count, size, rows); break;
    case CDAQ_ISA_X86_64_V4: cdaq_bitshuffle_v4(elements, count, size, rows); break;
    case CDAQ_ISA_X86_64_V3_GFNI: cdaq_bitshuffle_gfni(elements, count, size, rows); break;
#endif
    default: cdaq_bitshuffle_default(elements, count, size, rows); break;
    }
    return true;
}

bool cdaq_bitunshuffle_for(enum cdaq_isa isa, const void *rows, size_t count, size_t size, void *elements) {
    if (!has(isa)) return false;
    switch (isa) {
#if CDAQ_MULTIVERSION
    case CDAQ_ISA_X86_64_V3: cdaq_bitunshuffle_v3(rows, count, size, elements); break;
    case CDAQ_ISA_X86_64_V4: cdaq_bitunshuffle_v4(rows, count, size, elements); break;
    case CDAQ_ISA_X86_64_V3_GFNI: cdaq_bitunshuffle_gfni(rows, count, size, elements); break;
#endif
    default: cdaq_bitunshuffle_default(rows, count, size, elements); break;
    }
    return true;
}

void cdaq_bitshuffle(const void *elements, size_t count, size_t size, void *rows) {
    cdaq_bitshuffle_for(best(), elements, count, size, rows);
}

void cdaq_bitunshuffle(const void *rows, size_t count, size_t size, void *elements) {
    cdaq_bitunshuffle_for(best(), rows, count, size, elements);
}
