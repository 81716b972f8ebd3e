#include "variants.h"

#if CDAQ_MULTIVERSION
#include <string.h>

#define CDAQ_BITSHUFFLE cdaq_bitshuffle_v3
#define CDAQ_BITUNSHUFFLE cdaq_bitunshuffle_v3
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "bitshuffle_body.h"
#pragma clang attribute pop
#endif
