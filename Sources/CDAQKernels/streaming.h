// Stores that bypass the cache: for pixels that this processor does not look at again.
#ifndef CDAQ_STREAMING_H
#define CDAQ_STREAMING_H

#include <stddef.h>
#include <stdint.h>

#include "variants.h"

// The widest store of every instruction set is made from this by the compiler.
typedef uint64_t cdaq_line __attribute__((vector_size(64), may_alias));
typedef uint64_t cdaq_unaligned_line __attribute__((vector_size(64), may_alias, aligned(1)));

enum { CDAQ_LINE = 64 };

// Bytes from `place` to the next whole line.
CDAQ_BODY size_t cdaq_bytes_to_line(const void *place) { return -(uintptr_t)place & (CDAQ_LINE - 1); }

// Writes whole lines to an aligned place.
CDAQ_BODY void cdaq_stream_lines(void *place, const void *lines, size_t count) {
    cdaq_line *to = place;
    const cdaq_unaligned_line *from = lines;
    for (size_t i = 0; i < count; i++) __builtin_nontemporal_store((cdaq_line)from[i], to + i);
}

#endif
