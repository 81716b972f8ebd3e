// The few pixel loops that need more than Swift's default instruction set.
#ifndef CDAQKERNELS_H
#define CDAQKERNELS_H

#include <stddef.h>
#include <stdint.h>

#endif
