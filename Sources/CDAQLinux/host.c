#include "CDAQLinuxHost.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <linux/udp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

int cdaq_set_busy_poll(int socket, uint32_t microseconds) {
    if (microseconds > INT32_MAX) return -EINVAL;
    int value = (int)microseconds;
    return setsockopt(socket, SOL_SOCKET, SO_BUSY_POLL, &value, sizeof value) == 0 ? 0 : -errno;
}

int cdaq_force_receive_buffer(int socket, int bytes) {
    return setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) == 0 ? 0 : -errno;
}

int cdaq_enable_gro(int socket) {
    int on = 1;
    return setsockopt(socket, IPPROTO_UDP, UDP_GRO, &on, sizeof on) == 0 ? 0 : -errno;
}

// Asks the driver of a network interface. `question` begins with the number of an ethtool command.
static int ask_interface(const char *interface, void *question) {
    struct ifreq request = {0};
    if (strlen(interface) >= sizeof request.ifr_name) return -ENODEV;
    strcpy(request.ifr_name, interface);
    request.ifr_data = question;
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0) return -errno;
    int result = ioctl(s, SIOCETHTOOL, &request) == 0 ? 0 : -errno;
    close(s);
    return result;
}

int cdaq_receive_ring(const char *interface, uint32_t *entries, uint32_t *most) {
    struct ethtool_ringparam ring = {.cmd = ETHTOOL_GRINGPARAM};
    int result = ask_interface(interface, &ring);
    if (result != 0) return result;
    *entries = ring.rx_pending;
    *most = ring.rx_max_pending;
    return 0;
}

int cdaq_interface_joins(const char *interface) {
    struct ethtool_value value = {.cmd = ETHTOOL_GGRO};
    int result = ask_interface(interface, &value);
    return result != 0 ? result : value.data != 0;
}

int cdaq_file_system_of(const char *path, cdaq_file_system *result) {
    struct statfs status;
    if (statfs(path, &status) != 0) return -errno;
    uint64_t block = status.f_frsize > 0 ? (uint64_t)status.f_frsize : (uint64_t)status.f_bsize;
    result->kind = (uint64_t)status.f_type & 0xffffffff;
    if (__builtin_mul_overflow(block, (uint64_t)status.f_bavail, &result->available_bytes)) result->available_bytes = UINT64_MAX;
    result->read_only = (status.f_flags & ST_RDONLY) != 0;
    return 0;
}
