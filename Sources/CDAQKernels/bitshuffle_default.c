#define CDAQ_BITSHUFFLE cdaq_bitshuffle_default
#define CDAQ_BITUNSHUFFLE cdaq_bitunshuffle_default
// Vectors wider than a register only pass between functions that are inlined.
#pragma clang diagnostic ignored "-Wpsabi"
#include "bitshuffle_body.h"
