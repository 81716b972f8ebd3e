// What a host offers: socket options that need privileges, rings of network cards, file systems.
// Every function returns its result, or -errno.
#ifndef CDAQLINUXHOST_H
#define CDAQLINUXHOST_H

#include <stdint.h>

// Lets the kernel poll the network card's queue for up to so many microseconds when a socket is empty (SO_BUSY_POLL).
// Older kernels want CAP_NET_ADMIN to raise it above net.core.busy_read: -EPERM without.
int cdaq_set_busy_poll(int socket, uint32_t microseconds);

// Asks for a receive buffer beyond net.core.rmem_max (SO_RCVBUFFORCE). -EPERM without CAP_NET_ADMIN.
int cdaq_force_receive_buffer(int socket, int bytes);

// Lets the kernel hand over several datagrams of a sender as one (UDP_GRO). -ENOPROTOOPT before Linux 5.0.
int cdaq_enable_gro(int socket);

// Entries of the receive ring of a network interface, now and at most (ETHTOOL_GRINGPARAM). -EOPNOTSUPP where it has none.
int cdaq_receive_ring(const char *_Nonnull interface, uint32_t *_Nonnull entries, uint32_t *_Nonnull most);

// Whether a network interface joins packets (ETHTOOL_GGRO): 1 or 0.
int cdaq_interface_joins(const char *_Nonnull interface);

// A mounted file system.
typedef struct {
    // Its kind, a number of linux/magic.h.
    uint64_t kind;
    // Bytes that this user may still write.
    uint64_t available_bytes;
    // Whether it is mounted read-only.
    int read_only;
} cdaq_file_system;

// The file system that holds a file or folder (statfs).
int cdaq_file_system_of(const char *_Nonnull path, cdaq_file_system *_Nonnull result);

#endif
