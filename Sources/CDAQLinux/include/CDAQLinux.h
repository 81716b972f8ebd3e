// Thin wrappers over Linux calls that `import Glibc` hides from Swift (GNU-only functions, macros, varargs).
// Every function returns its result, or -errno.
#ifndef CDAQLINUX_H
#define CDAQLINUX_H

#include <stddef.h>
#include <stdint.h>

#include "CDAQLinuxSend.h"

// --- receiving -----------------------------------------------------------------------------------------------------

// The arrays of one recvmmsg call over `count` buffers of `stride` bytes each, allocated once; with `joined` not 0 also for
// sockets that join datagrams (UDP_GRO).
typedef struct cdaq_batch cdaq_batch;

cdaq_batch *_Nullable cdaq_batch_create(void *_Nonnull base, uint32_t stride, uint32_t count, int joined);
void cdaq_batch_destroy(cdaq_batch *_Nonnull batch);

// recvmmsg(2), without waiting: takes up to `limit` datagrams. Returns how many, 0 when none is there, or -errno.
int cdaq_batch_receive(cdaq_batch *_Nonnull batch, int socket, uint32_t limit);

// Length of datagram `index` of the last call; for one that was longer than its buffer, the length of the buffer.
uint32_t cdaq_batch_length(const cdaq_batch *_Nonnull batch, uint32_t index);

// Length of the datagrams that lie one after the other in buffer `index` of the last call, of which the last may be shorter;
// 0 when it holds a single one.
uint32_t cdaq_batch_segment(const cdaq_batch *_Nonnull batch, uint32_t index);

// A UDP socket over IPv4, not blocking, bound to `address` (network byte order) and `port`.
// With `group` not 0 it joins that multicast group, and others may bind the same port.
int cdaq_udp_bind(uint32_t address, uint16_t port, uint32_t group);

// Asks for a receive buffer (SO_RCVBUFFORCE, then SO_RCVBUF). Returns the bytes of datagrams it was granted.
int64_t cdaq_set_receive_buffer(int socket, int bytes);

// Datagrams the kernel has dropped at this socket so far (SO_MEMINFO).
int64_t cdaq_socket_drops(int socket);

// The port a socket is bound to.
int cdaq_socket_port(int socket);

// poll(2) for input on `count` sockets; returns how many are readable, 0 after `milliseconds`.
int cdaq_wait_readable(const int *_Nonnull sockets, uint32_t count, int milliseconds);

// --- threads -------------------------------------------------------------------------------------------------------

// Names the calling thread (at most 15 characters are kept) and, with cpu >= 0, pins it.
int cdaq_thread_setup(const char *_Nonnull name, int cpu);

// Sleeps for about so many microseconds.
void cdaq_sleep_us(uint32_t microseconds);

#include "CDAQLinuxFile.h"
#include "CDAQLinuxHost.h"
#include "CDAQLinuxShared.h"

#endif
