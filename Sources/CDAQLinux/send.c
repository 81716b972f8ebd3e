#include "CDAQLinuxSend.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

int cdaq_open_sender(uint32_t address, uint16_t port, int multicast_ttl, uint32_t multicast_interface) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    // A full queue must not hold a sender for longer than it takes to notice that it was asked to stop.
    struct timeval limit = {.tv_sec = 0, .tv_usec = 20000};
    int bytes = 1 << 20;
    struct sockaddr_in peer;
    memset(&peer, 0, sizeof peer);
    peer.sin_family = AF_INET;
    peer.sin_addr.s_addr = htonl(address);
    peer.sin_port = htons(port);
    int failed = setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    // The kernel may give less; that costs speed only.
    (void)setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    if (!failed && IN_MULTICAST(address)) {
        failed = setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_TTL, &multicast_ttl, sizeof multicast_ttl);
        if (!failed && multicast_interface != 0) {
            struct in_addr interface = {.s_addr = htonl(multicast_interface)};
            failed = setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof interface);
        }
    }
    if (!failed) failed = connect(descriptor, (struct sockaddr *)&peer, sizeof peer);
    if (failed) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    return descriptor;
}

int cdaq_send_batch(int descriptor, const cdaq_outgoing *messages, uint32_t count) {
    struct mmsghdr headers[CDAQ_SEND_BATCH];
    struct iovec pieces[CDAQ_SEND_BATCH];
    _Alignas(struct cmsghdr) char control[CDAQ_SEND_BATCH][CMSG_SPACE(sizeof(uint16_t))];
    if (count > CDAQ_SEND_BATCH) count = CDAQ_SEND_BATCH;
    memset(headers, 0, count * sizeof headers[0]);
    for (uint32_t i = 0; i < count; i++) {
        struct msghdr *message = &headers[i].msg_hdr;
        pieces[i].iov_base = (void *)messages[i].base;
        pieces[i].iov_len = messages[i].length;
        message->msg_iov = &pieces[i];
        message->msg_iovlen = 1;
        if (messages[i].segment != 0 && messages[i].segment < messages[i].length) {
            uint16_t size = (uint16_t)messages[i].segment;
            message->msg_control = control[i];
            message->msg_controllen = sizeof control[i];
            memset(control[i], 0, sizeof control[i]);
            struct cmsghdr *header = CMSG_FIRSTHDR(message);
            header->cmsg_level = IPPROTO_UDP;
            header->cmsg_type = UDP_SEGMENT;
            header->cmsg_len = CMSG_LEN(sizeof size);
            memcpy(CMSG_DATA(header), &size, sizeof size);
        }
    }
    int sent = sendmmsg(descriptor, headers, count, 0);
    return sent < 0 ? -errno : sent;
}

int cdaq_can_segment(int descriptor) {
    int none = 0;
    return setsockopt(descriptor, IPPROTO_UDP, UDP_SEGMENT, &none, sizeof none) < 0 ? -errno : 0;
}

int cdaq_open_diagnosis(void) {
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (descriptor < 0) return -errno;
    struct timeval limit = {.tv_sec = 0, .tv_usec = 20000};
    if (setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    return descriptor;
}

int64_t cdaq_receive_queue(int diagnosis, int sender) {
    struct sockaddr_in local, peer;
    socklen_t size = sizeof local;
    if (getsockname(sender, (struct sockaddr *)&local, &size) < 0) return -errno;
    size = sizeof peer;
    if (getpeername(sender, (struct sockaddr *)&peer, &size) < 0) return -errno;

    static uint32_t last;
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 body;
    } request;
    memset(&request, 0, sizeof request);
    uint32_t number = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.header.nlmsg_seq = number;
    request.body.sdiag_family = AF_INET;
    request.body.sdiag_protocol = IPPROTO_UDP;
    request.body.idiag_states = -1;
    // The kernel looks for the socket that a datagram from "src" to "dst" would reach.
    request.body.id.idiag_sport = local.sin_port;
    request.body.id.idiag_src[0] = local.sin_addr.s_addr;
    request.body.id.idiag_dport = peer.sin_port;
    request.body.id.idiag_dst[0] = peer.sin_addr.s_addr;
    request.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    request.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    if (send(diagnosis, &request, sizeof request, 0) < 0) return -errno;

    _Alignas(struct nlmsghdr) char reply[4096];
    for (;;) {
        ssize_t got = recv(diagnosis, reply, sizeof reply, 0);
        if (got < 0) return -errno;
        struct nlmsghdr *header = (struct nlmsghdr *)reply;
        if (!NLMSG_OK(header, (size_t)got)) return -EPROTO;
        // The answer to a question that was given up before.
        if (header->nlmsg_seq != number) continue;
        if (header->nlmsg_type == NLMSG_ERROR) {
            int error = header->nlmsg_len >= NLMSG_LENGTH(sizeof(struct nlmsgerr)) ? ((struct nlmsgerr *)NLMSG_DATA(header))->error : 0;
            return error < 0 ? error : -EPROTO;
        }
        if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY || header->nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
            return -EPROTO;
        return ((struct inet_diag_msg *)NLMSG_DATA(header))->idiag_rqueue;
    }
}

int cdaq_resolve_ipv4(const char *host, uint32_t *address) {
    struct addrinfo hints;
    struct addrinfo *found = NULL;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_DGRAM;
    int failed = getaddrinfo(host, NULL, &hints, &found);
    if (failed) return failed;
    *address = ntohl(((struct sockaddr_in *)found->ai_addr)->sin_addr.s_addr);
    freeaddrinfo(found);
    return 0;
}

int cdaq_precise_timers(void) {
    return prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL) < 0 ? -errno : 0;
}
