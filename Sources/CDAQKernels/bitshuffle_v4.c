#include "variants.h"

#if CDAQ_MULTIVERSION
#include <string.h>

#define CDAQ_BITSHUFFLE cdaq_bitshuffle_v4
#define CDAQ_BITUNSHUFFLE cdaq_bitunshuffle_v4
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#include "bitshuffle_body.h"
#pragma clang attribute pop
#endif
