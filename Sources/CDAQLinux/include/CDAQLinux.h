// Thin wrappers over Linux calls that `import Glibc` hides from Swift (GNU-only functions, macros, varargs).
// Every function returns its result, or -errno; nothing here keeps state.
#ifndef CDAQLINUX_H
#define CDAQLINUX_H

#include <stddef.h>
#include <stdint.h>

// One datagram of a batch: where it lies and how long it is (on return of cdaq_recv_batch: how long it was).
typedef struct {
    void *base;
    uint32_t capacity;
    uint32_t length;
} cdaq_datagram;

#include "CDAQLinuxFile.h"

#endif
