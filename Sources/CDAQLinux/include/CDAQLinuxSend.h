// Sending datagrams in batches, with the kernel cutting long messages into datagrams where it can.
// Every function returns its result, or -errno.
#ifndef CDAQLINUXSEND_H
#define CDAQLINUXSEND_H

#include <stdint.h>

// Messages that one call of cdaq_send_batch takes.
#define CDAQ_SEND_BATCH 64

// One message: `length` bytes at `base`. With `segment` above 0 it holds several datagrams of that size, one after the
// other (the last may be shorter), and the kernel sends them one by one.
typedef struct {
    const void *base;
    uint32_t length;
    uint32_t segment;
} cdaq_outgoing;

// Opens a UDP socket connected to an IPv4 address and port (host byte order). The time to live and the local interface
// address (0: the kernel's choice) are used for multicast groups only. Returns the descriptor.
int cdaq_open_sender(uint32_t address, uint16_t port, int multicast_ttl, uint32_t multicast_interface);

// Sends up to CDAQ_SEND_BATCH messages on a connected socket. Returns how many were sent (sendmmsg).
int cdaq_send_batch(int descriptor, const cdaq_outgoing *messages, uint32_t count);

// Returns 0 when the kernel can cut messages into datagrams on this socket (UDP_SEGMENT).
int cdaq_can_segment(int descriptor);

// Opens a socket that tells the state of other sockets of this host (NETLINK_SOCK_DIAG). Returns the descriptor.
int cdaq_open_diagnosis(void);

// How many bytes wait in the socket of this host that receives what the connected socket `sender` sends, as the kernel charges
// them. Returns -ENOENT when there is none on this host, or the kernel does not tell.
int64_t cdaq_receive_queue(int diagnosis, int sender);

// Finds the IPv4 address (host byte order) of a name or a dotted number. Returns 0, or a getaddrinfo error, which is negative.
int cdaq_resolve_ipv4(const char *host, uint32_t *address);

// Asks the kernel to wake the calling thread on time instead of within 50 us (PR_SET_TIMERSLACK).
int cdaq_precise_timers(void);

#endif
