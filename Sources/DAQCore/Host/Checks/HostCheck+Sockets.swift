// Buffers, ports and options of the sockets.

extension HostCheck {
    /// Packets a processor may queue, as the vendor of the detectors asks for.
    private static let backlogPackets = 250_000
    /// A buffer that holds less than this many seconds of data is easily too small: threads are held up for so long.
    private static let leastBufferedTime = 0.02
    /// `receive.socket_buffer` can be no larger.
    private static let largestBuffer = 1 << 30

    /// How long a buffer lasts, as ` (636 ms of a port's data at 100 Hz)`; empty without a configuration.
    ///
    /// The kernel doubles the bytes asked for, and charges a datagram about twice its length, so a buffer of N bytes holds N
    /// bytes of datagrams.
    private static func duration(_ bytes: Int, _ demand: HostDemand) -> String {
        guard demand.portBytes > 0 else { return "" }
        let times = demand.rates.map { rate in
            "\(HostText.time(Double(bytes) / (Double(demand.portBytes) * rate))) at \(HostText.rate(rate))"
        }
        return " (about \(times.joined(separator: ", ")) of a port's data)"
    }

    static let socketBuffer: Rule = { facts, demand in
        let wanted = demand.socketBufferBytes
        let limit = facts.network.receiveBufferLimit
        guard let granted = facts.network.receiveBufferGranted ?? limit.map({ min($0, wanted) }) else {
            return unknown("socket-buffer", "the largest socket buffer", at: "/proc/sys/net/core/rmem_max")
        }
        guard granted >= wanted else {
            return [
                Finding(
                    .warning, "socket-buffer",
                    "a socket gets \(HostText.bytes(granted))\(duration(granted, demand)) of the \(HostText.bytes(wanted)) that "
                        + "receive.socket_buffer asks for",
                    recommended: "net.core.rmem_max of \(wanted)\(duration(wanted, demand)), or CAP_NET_ADMIN for daqctl",
                    reason: "packets wait in this buffer while a receiving thread is held up; what does not fit is lost",
                    command: "sudo sysctl -w net.core.rmem_max=\(wanted)")
            ]
        }
        if let rate = demand.rate, Double(wanted) < Double(demand.portBytes) * rate * leastBufferedTime, wanted < largestBuffer {
            let better = Int(min(Double(largestBuffer), (Double(demand.portBytes) * rate * leastBufferedTime).rounded(.up)))
            return [
                Finding(
                    .advice, "socket-buffer",
                    "receive.socket_buffer is \(HostText.bytes(wanted))\(duration(wanted, demand))",
                    recommended: "receive.socket_buffer of \(better)\(duration(better, demand))",
                    reason: "a thread can be held up for that long; what comes in then must fit",
                    command: "daqctl run CONFIG --set receive.socket_buffer=\(better)")
            ]
        }
        var found = "a socket gets the \(HostText.bytes(wanted)) it asks for\(duration(wanted, demand))"
        if let limit, limit < wanted {
            found += "; without CAP_NET_ADMIN it would get \(HostText.bytes(limit)) (net.core.rmem_max)"
        }
        return [Finding(.ok, "socket-buffer", found)]
    }

    static let backlog: Rule = { facts, _ in
        guard let limit = facts.network.backlogLimit else {
            return unknown("backlog", "the backlog limit", at: "/proc/sys/net/core/netdev_max_backlog")
        }
        let drops = facts.network.backlogDrops
        let counted = drops.map { "\($0) packets dropped by it since the host was started" } ?? "its drops cannot be read"
        let found = "net.core.netdev_max_backlog is \(limit); \(counted)"
        if limit >= backlogPackets, drops == 0 { return [Finding(.ok, "backlog", found)] }
        guard limit < backlogPackets else {
            guard let drops, drops > 0 else { return [Finding(.ok, "backlog", found)] }
            return [
                Finding(
                    .advice, "backlog", found, recommended: "a number that does not grow while data are taken",
                    reason: "packets of loopback, virtual and RPS-steered interfaces wait in the backlog",
                    command: "watch -d -n 1 cat /proc/net/softnet_stat")
            ]
        }
        return [
            Finding(
                (drops ?? 0) > 0 ? .warning : .advice, "backlog", found, recommended: "\(backlogPackets)",
                reason: "packets of loopback, virtual and RPS-steered interfaces wait in the backlog; what does not fit is lost",
                command: "sudo sysctl -w net.core.netdev_max_backlog=\(backlogPackets)")
        ]
    }

    static let ports: Rule = { facts, demand in
        guard !demand.ports.isEmpty else { return [] }
        guard let sockets = facts.network.sockets else {
            return unknown("ports", "which UDP ports are in use", at: "/proc/net/udp")
        }
        // A multicast socket is bound to its group, and others may have the same port.
        let address = demand.isMulticast ? .any : IPv4Address(demand.bindAddress) ?? .any
        let taken = demand.ports.filter { port in sockets.contains { $0.blocks(port, of: address) } }
        guard let first = taken.first else {
            let range = demand.ports.count == 1 ? "UDP port \(demand.ports[0]) is" : "all \(demand.ports.count) UDP ports are"
            return [Finding(.ok, "ports", "\(range) free")]
        }
        let drops = sockets.filter { socket in taken.contains { socket.blocks($0, of: address) } }.map(\.drops)
            .reduce(0) { $0.addingReportingOverflow($1).partialValue }
        let names = taken.count == 1 ? "UDP port \(first) is" : "UDP ports \(HostText.list(taken)) are"
        var findings = [
            Finding(
                demand.isMulticast ? .warning : .problem, "ports", "\(names) in use by a running program",
                recommended: "end that program, or choose another start_udp_port",
                reason: demand.isMulticast
                    ? "both programs get the packets only if the other one shares its port"
                    : "a port belongs to one program; a run would refuse to start",
                command: "sudo ss -ulpn 'sport = :\(first)'")
        ]
        if drops > 0 {
            findings.append(
                Finding(
                    .warning, "socket-drops", "the program that has the ports has lost \(drops) datagrams in full socket buffers",
                    recommended: "larger buffers, or more threads (receive.threads)",
                    reason: "it did not take the packets as fast as they came",
                    command: "watch -d -n 1 \"ss -ulnm 'sport = :\(first)'\""))
        }
        return findings
    }

    static let hostDrops: Rule = { facts, _ in
        guard let drops = facts.network.bufferDrops else {
            return unknown("udp-drops", "the UDP counters", at: "/proc/net/snmp")
        }
        guard drops > 0 else { return [Finding(.ok, "udp-drops", "no datagram was lost in a full socket buffer")] }
        return [
            Finding(
                .advice, "udp-drops",
                "\(drops) datagrams of any program were lost in full socket buffers since the host was started",
                recommended: "a number that does not grow while data are taken",
                reason: "it shows whether packets are lost in this host, whichever program they were for",
                command: "watch -d -n 1 nstat -az UdpRcvbufErrors")
        ]
    }

    static let busyPolling: Rule = { facts, demand in
        guard let isPossible = facts.network.canBusyPoll else {
            return unknown("busy-poll", "whether busy polling is permitted", at: "SO_BUSY_POLL")
        }
        let wanted = demand.busyPollMicroseconds
        let cards = cards(facts, demand)
        let gain = cards.map {
            $0.isEmpty
                ? "; without effect, since no network card is in the way"
                : "; it saves interrupts and delay on \(HostText.list($0.map(\.name)))"
        }
        guard wanted > 0 else {
            let state = isPossible ? "available" : "not permitted to this user"
            return [Finding(.ok, "busy-poll", "\(state), and not used (receive.busy_poll is 0)\(gain ?? "")")]
        }
        if isPossible { return [Finding(.ok, "busy-poll", "used, for \(wanted) microseconds\(gain ?? "")")] }
        return [
            Finding(
                .problem, "busy-poll", "receive.busy_poll asks for \(wanted) microseconds, which this user may not set",
                recommended: "net.core.busy_read of \(wanted), CAP_NET_ADMIN for daqctl, or receive.busy_poll 0",
                reason: "what is asked for must be done; a run would refuse to start",
                command: "sudo sysctl -w net.core.busy_read=\(wanted)")
        ]
    }

    static let joining: Rule = { facts, demand in
        guard let isOffered = facts.network.offersGRO else {
            return unknown("udp-gro", "whether the kernel joins datagrams", at: "UDP_GRO")
        }
        guard isOffered else {
            guard demand.joinsDatagrams else { return [Finding(.ok, "udp-gro", "not offered by this kernel, and not used")] }
            return [
                Finding(
                    .problem, "udp-gro", "receive.gro is true, and this kernel does not offer it",
                    recommended: "Linux 5.0 or later, or receive.gro false",
                    reason: "what is asked for must be done; a run would refuse to start",
                    command: "daqctl run CONFIG --set receive.gro=false")
            ]
        }
        let cards = cards(facts, demand)
        let gain = cards.map(gain) ?? ""
        guard demand.joinsDatagrams else {
            return [Finding(.ok, "udp-gro", "available, and not used (receive.gro is false)\(gain)")]
        }
        if let idle = cards?.first(where: { $0.joinsPackets == false }) {
            return [
                Finding(
                    .advice, "udp-gro", "used, without effect: \(idle.name) does not join packets",
                    recommended: "generic receive offload, or receive.gro false",
                    reason: "the kernel only hands over what was joined on the way in",
                    command: "sudo ethtool -K \(idle.name) gro on")
            ]
        }
        return [Finding(.ok, "udp-gro", "used\(gain)")]
    }

    /// The network cards that packets may come in by; `nil` when that cannot be said.
    private static func cards(_ facts: HostFacts, _ demand: HostDemand) -> [NetworkInterface]? {
        receivers(facts, demand)?.filter(\.isPhysical)
    }

    /// Whom joining datagrams helps.
    private static func gain(of cards: [NetworkInterface]) -> String {
        let joining = cards.filter { $0.joinsPackets == true }.map(\.name)
        return joining.isEmpty
            ? "; it helps only with senders on this host that hand over several datagrams at once, as daqctl simulate does"
            : "; it helps on \(HostText.list(joining)) if the detector's datagrams carry a UDP checksum"
    }
}
