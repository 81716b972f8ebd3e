#include "CDAQLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Room for what the kernel says about a buffer: the length of the datagrams it has joined there.
union note {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
};

struct cdaq_batch {
    uint32_t count;
    struct mmsghdr *messages;
    struct iovec *buffers;
    union note *notes;
};

cdaq_batch *cdaq_batch_create(void *base, uint32_t stride, uint32_t count, int joined) {
    cdaq_batch *batch = calloc(1, sizeof *batch);
    if (!batch) return NULL;
    batch->count = count;
    batch->messages = calloc(count, sizeof *batch->messages);
    batch->buffers = calloc(count, sizeof *batch->buffers);
    if (joined) batch->notes = calloc(count, sizeof *batch->notes);
    if (!batch->messages || !batch->buffers || (joined && !batch->notes)) {
        cdaq_batch_destroy(batch);
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        batch->buffers[i].iov_base = (char *)base + (size_t)i * stride;
        batch->buffers[i].iov_len = stride;
        batch->messages[i].msg_hdr.msg_iov = &batch->buffers[i];
        batch->messages[i].msg_hdr.msg_iovlen = 1;
        if (joined) batch->messages[i].msg_hdr.msg_control = &batch->notes[i];
    }
    return batch;
}

void cdaq_batch_destroy(cdaq_batch *batch) {
    free(batch->messages);
    free(batch->buffers);
    free(batch->notes);
    free(batch);
}

int cdaq_batch_receive(cdaq_batch *batch, int socket, uint32_t limit) {
    if (limit > batch->count) limit = batch->count;
    // The kernel leaves the length of its note here.
    for (uint32_t i = 0; batch->notes && i < limit; i++) batch->messages[i].msg_hdr.msg_controllen = sizeof batch->notes[i];
    for (;;) {
        int n = recvmmsg(socket, batch->messages, limit, MSG_DONTWAIT, NULL);
        if (n >= 0) return n;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
        if (errno != EINTR) return -errno;
    }
}

uint32_t cdaq_batch_length(const cdaq_batch *batch, uint32_t index) {
    return index < batch->count ? batch->messages[index].msg_len : 0;
}

uint32_t cdaq_batch_segment(const cdaq_batch *batch, uint32_t index) {
    if (!batch->notes || index >= batch->count) return 0;
    struct msghdr *message = &batch->messages[index].msg_hdr;
    for (struct cmsghdr *note = CMSG_FIRSTHDR(message); note; note = CMSG_NXTHDR(message, note)) {
        int segment;
        if (note->cmsg_level != IPPROTO_UDP || note->cmsg_type != UDP_GRO || note->cmsg_len < CMSG_LEN(sizeof segment)) continue;
        memcpy(&segment, CMSG_DATA(note), sizeof segment);
        return segment > 0 ? (uint32_t)segment : 0;
    }
    return 0;
}

int cdaq_udp_bind(uint32_t address, uint16_t port, uint32_t group) {
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
    if (s < 0) return -errno;
    int on = 1;
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = address};
    if (group) {
        struct ip_mreqn membership = {.imr_multiaddr.s_addr = group, .imr_address.s_addr = address};
        if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
            setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership) != 0)
            goto failed;
        // Bound to the group, the socket gets nothing that is sent to other groups on the same port.
        local.sin_addr.s_addr = group;
    }
    if (bind(s, (struct sockaddr *)&local, sizeof local) != 0) goto failed;
    return s;
failed:;
    int error = errno;
    close(s);
    return -error;
}

int64_t cdaq_set_receive_buffer(int socket, int bytes) {
    if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0 &&
        setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) != 0)
        return -errno;
    int granted = 0;
    socklen_t size = sizeof granted;
    if (getsockopt(socket, SOL_SOCKET, SO_RCVBUF, &granted, &size) != 0) return -errno;
    // The kernel doubles the request, and charges a datagram with about twice its length.
    return granted / 2;
}

int64_t cdaq_socket_drops(int socket) {
    uint32_t info[SK_MEMINFO_VARS];
    socklen_t size = sizeof info;
    if (getsockopt(socket, SOL_SOCKET, SO_MEMINFO, info, &size) != 0) return -errno;
    return size >= (SK_MEMINFO_DROPS + 1) * sizeof info[0] ? info[SK_MEMINFO_DROPS] : 0;
}

int cdaq_socket_port(int socket) {
    struct sockaddr_in local;
    socklen_t size = sizeof local;
    if (getsockname(socket, (struct sockaddr *)&local, &size) != 0) return -errno;
    return ntohs(local.sin_port);
}

int cdaq_wait_readable(const int *sockets, uint32_t count, int milliseconds) {
    enum { most = 512 };
    struct pollfd descriptors[most];
    if (count > most) count = most;
    for (uint32_t i = 0; i < count; i++) descriptors[i] = (struct pollfd){.fd = sockets[i], .events = POLLIN};
    int n = poll(descriptors, count, milliseconds);
    return n >= 0 ? n : errno == EINTR ? 0 : -errno;
}
