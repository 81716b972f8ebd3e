#include "CDAQKernels.h"
#include "streaming.h"

#include <string.h>

CDAQ_CLONES
void cdaq_copy_streaming(void *place, const void *bytes, size_t count) {
    size_t head = cdaq_bytes_to_line(place);
    if (count < head + CDAQ_LINE) {
        memcpy(place, bytes, count);
        return;
    }
    memcpy(place, bytes, head);
    size_t lines = (count - head) / CDAQ_LINE;
    cdaq_stream_lines((char *)place + head, (const char *)bytes + head, lines);
    size_t done = head + lines * CDAQ_LINE;
    memcpy((char *)place + done, (const char *)bytes + done, count - done);
}

void cdaq_store_fence(void) {
#if defined(__x86_64__)
    __builtin_ia32_sfence();
#else
    __atomic_thread_fence(__ATOMIC_RELEASE);
#endif
}
