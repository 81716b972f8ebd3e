// Address, frame size, speed, ring and counters of the interfaces that packets come in by.

extension HostCheck {
    /// Bytes of the IPv4 and UDP headers of a datagram.
    private static let headerBytes = 28
    /// The frame size of networks for detectors.
    private static let jumbo = 9000
    /// Entries of a receive ring that the vendor of the detectors asks for.
    private static let ringEntries = 4096

    /// The interfaces that packets may come in by; `nil` when that cannot be said.
    static func receivers(_ facts: HostFacts, _ demand: HostDemand) -> [NetworkInterface]? {
        guard let interfaces = facts.interfaces, let address = IPv4Address(demand.bindAddress) else { return nil }
        if address == .any { return interfaces.filter { $0.isUp && !$0.isLoopback && $0.addresses != [] } }
        guard interfaces.allSatisfy({ $0.addresses != nil }) else { return nil }
        return interfaces.filter { $0.owns(address) }
    }

    static let bindAddress: Rule = { facts, demand in
        guard demand.hasConfiguration else { return [] }
        guard demand.bindAddress != IPv4Address.any.description else {
            guard demand.isMulticast else { return [] }
            return [
                Finding(
                    .advice, "bind", "bind is 0.0.0.0, so the route decides on which interface the multicast group is joined",
                    recommended: "bind: the address of the interface that the detector is connected to",
                    reason: "a group joined on another interface brings no packets", command: "ip -4 -brief address")
            ]
        }
        guard let owners = receivers(facts, demand) else {
            return unknown("bind", "the addresses of the network interfaces", at: "/sys/class/net, getifaddrs")
        }
        guard let owner = owners.first else {
            return [
                Finding(
                    .problem, "bind", "this host has no address \(demand.bindAddress)",
                    recommended: "bind: an address of this host, or 0.0.0.0 for all",
                    reason: "a socket can only be bound to an own address; a run would refuse to start",
                    command: "ip -4 -brief address")
            ]
        }
        guard owner.isUp else {
            return [
                Finding(
                    .problem, "bind", "\(owner.name), which has the address \(demand.bindAddress), is switched off",
                    recommended: "\(owner.name) up", reason: "no packet comes in", command: "sudo ip link set \(owner.name) up")
            ]
        }
        return [Finding(.ok, "bind", "\(demand.bindAddress) is on \(owner.name)")]
    }

    static let frameSize: Rule = { facts, demand in
        guard let receivers = receivers(facts, demand) else {
            return unknown("mtu", "the frame size of the network", at: "/sys/class/net/*/mtu")
        }
        let needed = demand.datagramBytes + headerBytes
        // On all addresses any interface may be the right one; one that is large enough is enough.
        let isAny = demand.bindAddress == IPv4Address.any.description
        if isAny, receivers.contains(where: { ($0.mtu ?? 0) >= needed }) {
            let fitting = receivers.filter { ($0.mtu ?? 0) >= needed }.map { "\($0.name) \($0.mtu ?? 0)" }
            return [Finding(.ok, "mtu", "\(HostText.list(fitting)); datagrams need \(needed)")]
        }
        return receivers.flatMap { interface -> [Finding] in
            guard let mtu = interface.mtu else {
                return unknown("mtu", "the frame size of \(interface.name)", at: "/sys/class/net/\(interface.name)/mtu")
            }
            guard mtu < needed else { return [Finding(.ok, "mtu", "\(interface.name) \(mtu); datagrams need \(needed)")] }
            let wanted = needed <= 1500 ? 1500 : max(jumbo, needed)
            let isCertain = !isAny && interface.isPhysical
            return [
                Finding(
                    !demand.hasConfiguration ? .advice : isCertain ? .problem : .warning, "mtu",
                    "\(interface.name) has an MTU of \(mtu); datagrams of \(demand.datagramBytes) bytes need \(needed)",
                    recommended: "an MTU of \(wanted), here and on every switch up to the detector",
                    reason: "detectors do not split datagrams, and network cards drop frames that are longer than the MTU",
                    command: "sudo ip link set \(interface.name) mtu \(wanted)")
            ]
        }
    }

    static let linkSpeed: Rule = { facts, demand in
        guard let rate = demand.rate, demand.sentBytes > 0, let receivers = receivers(facts, demand) else { return [] }
        let physical = receivers.filter(\.isPhysical)
        guard !physical.isEmpty else { return [] }
        let names = HostText.list(physical.map(\.name))
        guard physical.allSatisfy({ $0.speed != nil }) else {
            return unknown("link-speed", "the speed of \(names)", at: "/sys/class/net/*/speed")
        }
        let speed = physical.reduce(0.0) { $0 + Double($1.speed ?? 0) }
        let needed = Double(demand.sentBytes) * 8 * rate
        func gigabits(_ bits: Double) -> String { "\((bits / 1e8).rounded() / 10) Gbit/s" }
        let found = "the detector sends \(gigabits(needed)) at \(HostText.rate(rate)), \(names) carries \(gigabits(speed))"
        guard needed > speed else { return [Finding(.ok, "link-speed", found)] }
        return [
            Finding(
                .problem, "link-speed", found, recommended: "a lower rate, or a faster link",
                reason: "what a link cannot carry is lost before this host sees it",
                command: physical.first.map { "ethtool \($0.name)" })
        ]
    }

    static let receiveRing: Rule = { facts, demand in
        (receivers(facts, demand) ?? []).filter(\.isPhysical).flatMap { interface -> [Finding] in
            guard let ring = interface.ring else {
                return unknown("nic-ring", "the receive ring of \(interface.name)", at: "ethtool -g \(interface.name)")
            }
            let wanted = min(ring.most, ringEntries)
            let found = "the receive ring of \(interface.name) has \(ring.entries) entries of at most \(ring.most)"
            guard ring.entries < wanted else { return [Finding(.ok, "nic-ring", found)] }
            return [
                Finding(
                    (interface.missed ?? 0) > 0 ? .warning : .advice, "nic-ring", found, recommended: "\(wanted) entries",
                    reason: "packets wait in the ring until the kernel takes them; a detector sends an image's packets at once",
                    command: "sudo ethtool -G \(interface.name) rx \(wanted)")
            ]
        }
    }

    static let interfaceDrops: Rule = { facts, demand in
        (receivers(facts, demand) ?? []).flatMap { interface -> [Finding] in
            guard let missed = interface.missed, let dropped = interface.dropped else {
                return unknown(
                    "nic-drops", "the counters of \(interface.name)", at: "/sys/class/net/\(interface.name)/statistics")
            }
            let folder = "/sys/class/net/\(interface.name)/statistics"
            if missed > 0 {
                return [
                    Finding(
                        .warning, "nic-drops", "\(interface.name) had no room for \(missed) packets since the host was started",
                        recommended: "a number that does not grow while data are taken",
                        reason: "these packets are lost before the kernel sees them: the receive ring is too small, or the "
                            + "processor that serves it is too busy",
                        command: "watch -d -n 1 'grep . \(folder)/rx_*'")
                ]
            }
            if dropped > 0 {
                return [
                    Finding(
                        .advice, "nic-drops",
                        "the kernel dropped \(dropped) packets of \(interface.name) since the host was started",
                        recommended: "a number that does not grow while data are taken",
                        reason: "the number also counts packets that no program wanted, so it may be harmless",
                        command: "watch -d -n 1 'grep . \(folder)/rx_*'")
                ]
            }
            return [Finding(.ok, "nic-drops", "\(interface.name) has dropped nothing")]
        }
    }
}
