#include "variants.h"

#if CDAQ_MULTIVERSION
#include <string.h>

#define CDAQ_BITSHUFFLE cdaq_bitshuffle_gfni
#define CDAQ_BITUNSHUFFLE cdaq_bitunshuffle_gfni
#define CDAQ_BITSHUFFLE_GFNI 1
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3,gfni"))), apply_to = function)
#include "bitshuffle_body.h"
#pragma clang attribute pop
#endif
