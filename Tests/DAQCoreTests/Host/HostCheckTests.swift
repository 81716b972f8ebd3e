import Testing

@testable import DAQCore

@Suite("What is said about a host")
struct HostCheckTests {
    /// A JUNGFRAU module on one port, on the network of the good host.
    private static var configuration: DetectorConfiguration {
        var configuration = DetectorConfiguration.smallJungfrau(modules: 1, rows: 512)
        configuration.readRows = nil
        configuration.bindAddress = "10.30.10.2"
        return configuration
    }

    private static func findings(
        _ change: (inout HostFacts, inout DetectorConfiguration) -> Void = { _, _ in }, rate: Double? = nil, write: String? = nil
    ) throws -> [Finding] {
        var facts = try HostFacts.good()
        var configuration = Self.configuration
        change(&facts, &configuration)
        #expect(configuration.validate() == [])
        return HostDoctor.findings(facts, for: HostDemand(configuration, rate: rate, writePath: write))
    }

    private static func finding(
        _ check: String, rate: Double? = nil, write: String? = nil,
        _ change: (inout HostFacts, inout DetectorConfiguration) -> Void = { _, _ in }
    ) throws -> Finding {
        let all = try findings(change, rate: rate, write: write).filter { $0.check == check }
        #expect(all.count == 1)
        return try #require(all.first)
    }

    @Test("Nothing is said against a good host")
    func good() throws {
        let findings = try Self.findings(rate: 100)
        #expect(findings.filter { $0.severity != .ok } == [])
        #expect(
            Set(findings.map(\.check)) == [
                "bind", "mtu", "link-speed", "nic-ring", "nic-drops", "backlog", "socket-buffer", "ports", "udp-drops",
                "busy-poll",
                "udp-gro", "cpus", "governor", "memory", "huge-pages", "shared-huge-pages", "shared-memory", "clock", "kernel",
            ])
    }

    @Test("Nothing is said about a host of which nothing is known, but that")
    func empty() {
        for demand in [HostDemand(Self.configuration, rate: 100, writePath: "/data"), HostDemand(nil)] {
            let findings = HostDoctor.findings(HostFacts(), for: demand)
            #expect(findings.count > 10)
            #expect(findings.filter { $0.severity != .unknown } == [])
        }
    }

    @Test("The worst comes first")
    func order() throws {
        let severities = try Self.findings({ facts, _ in
            facts.network.receiveBufferGranted = 4 << 20
            facts.network.backlogLimit = 1000
            facts.clockSource = nil
            facts.interfaces?[0].mtu = 1500
        }).map(\.severity)
        let ranks = try severities.map { try #require(Finding.Severity.allCases.firstIndex(of: $0)) }
        #expect(ranks == ranks.sorted() && Set(severities) == Set(Finding.Severity.allCases))
    }

    @Test("A socket buffer that the kernel does not grant")
    func socketBuffer() throws {
        let finding = try Self.finding("socket-buffer") { facts, _ in
            facts.network.receiveBufferLimit = 4 << 20
            facts.network.receiveBufferGranted = 4 << 20
        }
        #expect(
            finding
                == Finding(
                    .warning, "socket-buffer",
                    "a socket gets 4 MiB (about 39.8 ms at 100 Hz, 2 ms at 2000 Hz of a port's data) of the 64 MiB that "
                        + "receive.socket_buffer asks for",
                    recommended: "net.core.rmem_max of 67108864 (about 636 ms at 100 Hz, 31.8 ms at 2000 Hz of a port's data), "
                        + "or CAP_NET_ADMIN for daqctl",
                    reason: "packets wait in this buffer while a receiving thread is held up; what does not fit is lost",
                    command: "sudo sysctl -w net.core.rmem_max=67108864"))
        // What is known from the limit alone is the same.
        let alone = try Self.finding("socket-buffer") { facts, _ in
            facts.network.receiveBufferLimit = 4 << 20
            facts.network.receiveBufferGranted = nil
        }
        #expect(alone == finding)
    }

    @Test("A socket buffer beyond the limit tells whose privilege it is")
    func forcedBuffer() throws {
        let finding = try Self.finding("socket-buffer", rate: 100) { facts, _ in facts.network.receiveBufferLimit = 4 << 20 }
        #expect(finding.severity == .ok)
        #expect(
            finding.found == "a socket gets the 64 MiB it asks for (about 636 ms at 100 Hz of a port's data); "
                + "without CAP_NET_ADMIN it would get 4 MiB (net.core.rmem_max)")
    }

    @Test("A socket buffer that is granted but small for the rate")
    func smallBuffer() throws {
        let finding = try Self.finding("socket-buffer", rate: 2000) { _, configuration in
            configuration.receive.socketBufferBytes = 8 << 20
        }
        #expect(finding.severity == .advice)
        // 20 ms of 128 datagrams of 8240 bytes, 2000 times a second.
        #expect(finding.command == "daqctl run CONFIG --set receive.socket_buffer=42188800")
    }

    @Test("Datagrams that do not fit a frame of the network")
    func frameSize() throws {
        let finding = try Self.finding("mtu") { facts, _ in facts.interfaces?[0].mtu = 1500 }
        #expect(
            finding
                == Finding(
                    .problem, "mtu", "eth0 has an MTU of 1500; datagrams of 8240 bytes need 8268",
                    recommended: "an MTU of 9000, here and on every switch up to the detector",
                    reason: "detectors do not split datagrams, and network cards drop frames that are longer than the MTU",
                    command: "sudo ip link set eth0 mtu 9000"))
        #expect(try Self.finding("mtu") { facts, _ in facts.interfaces?[0].mtu = 8267 }.severity == .problem)
        #expect(try Self.finding("mtu") { facts, _ in facts.interfaces?[0].mtu = 8268 }.severity == .ok)
    }

    @Test("On all addresses it is not sure which interface packets come by")
    func anyAddress() throws {
        let finding = try Self.finding("mtu") { facts, configuration in
            facts.interfaces?[0].mtu = 1500
            configuration.bindAddress = "0.0.0.0"
        }
        #expect(finding.severity == .warning)
    }

    @Test("Loopback is large enough, and all of its network is this host")
    func loopback() throws {
        let finding = try Self.finding("mtu") { _, configuration in configuration.bindAddress = "127.3.2.1" }
        #expect(finding == Finding(.ok, "mtu", "lo 65536; datagrams need 8268"))
    }

    @Test("An address that this host does not have")
    func foreignAddress() throws {
        let finding = try Self.finding("bind") { _, configuration in configuration.bindAddress = "10.30.10.3" }
        #expect(finding.severity == .problem && finding.found == "this host has no address 10.30.10.3")
    }

    @Test("An interface that is switched off")
    func down() throws {
        let finding = try Self.finding("bind") { facts, _ in facts.interfaces?[0].isUp = false }
        #expect(finding.severity == .problem && finding.command == "sudo ip link set eth0 up")
    }

    @Test("A receive ring that could be larger is worse when packets were missed")
    func ring() throws {
        let advice = try Self.finding("nic-ring") { facts, _ in facts.interfaces?[0].ring = .init(entries: 512, most: 8192) }
        #expect(advice.severity == .advice && advice.command == "sudo ethtool -G eth0 rx 4096")
        let findings = try Self.findings { facts, _ in
            facts.interfaces?[0].ring = .init(entries: 512, most: 1024)
            facts.interfaces?[0].missed = 17
        }.filter { $0.severity == .warning }
        #expect(findings.map(\.check) == ["nic-ring", "nic-drops"])
        #expect(findings.first?.command == "sudo ethtool -G eth0 rx 1024")
        #expect(findings.last?.found == "eth0 had no room for 17 packets since the host was started")
    }

    @Test("A link that is too slow for the rate")
    func linkSpeed() throws {
        let finding = try Self.finding("link-speed", rate: 2000) { _, _ in }
        #expect(finding.severity == .problem)
        #expect(finding.found == "the detector sends 16.9 Gbit/s at 2000 Hz, eth0 carries 10.0 Gbit/s")
    }

    @Test("A backlog that has dropped packets is worse than one that could")
    func backlog() throws {
        let advice = try Self.finding("backlog") { facts, _ in facts.network.backlogLimit = 1000 }
        #expect(advice.severity == .advice && advice.command == "sudo sysctl -w net.core.netdev_max_backlog=250000")
        let warning = try Self.finding("backlog") { facts, _ in
            facts.network.backlogLimit = 1000
            facts.network.backlogDrops = 5
        }
        #expect(warning.severity == .warning)
        #expect(warning.found == "net.core.netdev_max_backlog is 1000; 5 packets dropped by it since the host was started")
    }

    @Test("Ports that are in use, and what their owner lost", arguments: ["0.0.0.0", "10.30.10.2"])
    func ports(address: String) throws {
        let findings = try Self.findings { facts, configuration in
            configuration.modulePositions[1] = ModulePosition(xStart: 0, yStart: 512, xEnd: 1023, yEnd: 1023)
            (configuration.moduleCount, configuration.imageHeight) = (2, 1024)
            facts.network.sockets = [
                BoundSocket(address: IPv4Address(address) ?? .any, port: 50001, drops: 9),
                BoundSocket(address: IPv4Address(value: 0x7F00_0001), port: 50000, drops: 1),
            ]
        }
        let problem = try #require(findings.first)
        #expect(problem.severity == .problem && problem.found == "UDP port 50001 is in use by a running program")
        #expect(problem.command == "sudo ss -ulpn 'sport = :50001'")
        #expect(
            findings.first { $0.check == "socket-drops" }?.found
                == "the program that has the ports has lost 9 datagrams in full socket buffers")
    }

    @Test("A multicast port may be shared")
    func multicast() throws {
        let finding = try Self.finding("ports") { facts, configuration in
            configuration.multicastGroup = "239.1.1.1"
            facts.network.sockets = [BoundSocket(address: .any, port: 50000, drops: 0)]
        }
        #expect(finding.severity == .warning)
    }

    @Test("Busy polling that is asked for and not permitted prevents a run; otherwise it is only told")
    func busyPolling() throws {
        let help = "; it saves interrupts and delay on eth0"
        #expect(try Self.finding("busy-poll").found == "available, and not used (receive.busy_poll is 0)\(help)")
        let refused = try Self.finding("busy-poll") { facts, configuration in
            facts.network.canBusyPoll = false
            configuration.receive.busyPollMicroseconds = 50
        }
        #expect(refused.severity == .problem && refused.command == "sudo sysctl -w net.core.busy_read=50")
        let used = try Self.finding("busy-poll") { _, configuration in configuration.receive.busyPollMicroseconds = 50 }
        #expect(used == Finding(.ok, "busy-poll", "used, for 50 microseconds\(help)"))
        let local = try Self.finding("busy-poll") { _, configuration in configuration.bindAddress = "127.0.0.1" }
        #expect(local.found.hasSuffix("; without effect, since no network card is in the way"))
    }

    @Test("Joined datagrams: whether they are available, in use, and of use")
    func joining() throws {
        func finding(_ isUsed: Bool, _ change: (inout HostFacts, inout DetectorConfiguration) -> Void = { _, _ in }) throws
            -> Finding
        {
            try Self.finding("udp-gro") { facts, configuration in
                configuration.receive.joinsDatagrams = isUsed
                change(&facts, &configuration)
            }
        }
        let help = "it helps on eth0 if the detector's datagrams carry a UDP checksum"
        #expect(try finding(false) == Finding(.ok, "udp-gro", "available, and not used (receive.gro is false); \(help)"))
        #expect(try finding(true) == Finding(.ok, "udp-gro", "used; \(help)"))
        let local = try finding(true) { _, configuration in configuration.bindAddress = "127.0.0.1" }
        #expect(local.severity == .ok && local.found.contains("senders on this host"))
        let idle = try finding(true) { facts, _ in
            for index in facts.interfaces?.indices ?? 0..<0 where facts.interfaces?[index].name == "eth0" {
                facts.interfaces?[index].joinsPackets = false
            }
        }
        #expect(idle.severity == .advice && idle.command == "sudo ethtool -K eth0 gro on")
        #expect(try finding(false) { facts, _ in facts.network.offersGRO = false }.severity == .ok)
        #expect(try finding(true) { facts, _ in facts.network.offersGRO = false }.severity == .problem)
    }

    @Test("Processors that are not there, not allowed or shared")
    func pinning() throws {
        func finding(_ cpus: [Int], threads: Int = 2, allowed: [Int]? = nil) throws -> Finding {
            try Self.finding("cpu-pinning") { facts, configuration in
                configuration.moduleCount = 2
                configuration.imageHeight = 1024
                configuration.modulePositions[1] = ModulePosition(xStart: 0, yStart: 512, xEnd: 1023, yEnd: 1023)
                configuration.receive.threads = threads
                configuration.receive.cpus = cpus
                if let allowed { facts.processors.allowed = allowed }
            }
        }
        #expect(try finding([2, 3]) == Finding(.ok, "cpu-pinning", "receiving threads run on 2, 3, which are isolated"))
        #expect(try finding([0, 1]).found == "receiving threads run on 0, 1")
        #expect(
            try finding([4, 6]).found == "receive.cpus names 4, which this process cannot use (usable: 0, 1, 2, 3, 6)")
        #expect(try finding([0, 6], allowed: [0, 1]).severity == .warning)
        #expect(try finding([1]).found == "2 receiving threads share 1 of receive.cpus")
        // One thread takes the first one only.
        #expect(try finding([1, 99], threads: 1).severity == .ok)
    }

    @Test("Fewer processors than threads")
    func processors() throws {
        let few = try Self.finding("cpus") { facts, _ in facts.processors.allowed = [0] }
        #expect(few.severity == .advice && few.found == "1 processor for 1 receiving thread")
    }

    @Test("Memory that a run takes and that is not there")
    func memory() throws {
        let problem = try Self.finding("memory") { facts, _ in facts.memory.available = 1 << 30 }
        #expect(problem.severity == .problem)
        let group = try Self.finding("memory") { facts, _ in facts.memory.groupAvailable = 1200 << 20 }
        #expect(group.severity == .warning && group.found.hasSuffix("1.2 GiB are free in this control group"))
    }

    @Test("A governor that saves power, and a slow clock")
    func settings() throws {
        let governor = try Self.finding("governor") { facts, _ in facts.processors.governors[6] = "powersave" }
        #expect(governor.severity == .advice && governor.found == "1 of 2 processors have the governor powersave")
        #expect(try Self.finding("clock") { facts, _ in facts.clockSource = "hpet" }.severity == .advice)
        #expect(try Self.finding("kernel") { facts, _ in facts.kernelRelease = "4.18.0" }.severity == .advice)
        #expect(try Self.finding("kernel") { facts, _ in facts.kernelRelease = "next" }.severity == .unknown)
        #expect(try Self.finding("huge-pages") { facts, _ in facts.memory.hugePages = "never" }.severity == .advice)
    }
}

@Suite("What is said about a disk")
struct StorageCheckTests {
    private static func findings(
        _ change: (inout StorageTarget) -> Void, rate: Double? = 100
    ) throws -> [Finding] {
        var target = StorageTarget(
            folder: "/data/it's mine", exists: true, isWritable: true,
            fileSystem: .init(kind: 0x5846_5342, available: 100 << 30, isReadOnly: false))
        change(&target)
        var facts = try HostFacts.good()
        facts.target = target
        let demand = HostDemand(.smallJungfrau(modules: 1, rows: 256), rate: rate, writePath: "/data/it's mine/run1.h5")
        return HostDoctor.findings(facts, for: demand).filter { ["storage", "file-system", "disk-space"].contains($0.check) }
    }

    @Test("Space is told in images and seconds")
    func space() throws {
        let found = "/data/it's mine (xfs) has 100 GiB free: room for 204800 images"
        #expect(try Self.findings({ _ in }) == [Finding(.ok, "disk-space", "\(found), 34.1 minutes at 100 Hz")])
        #expect(
            try Self.findings({ _ in }, rate: nil).map(\.found) == ["\(found), 34.1 minutes at 100 Hz, 102 s at 2000 Hz"])
        let soon = try Self.findings({ _ in }, rate: 2000)
        #expect(soon.map(\.severity) == [.warning] && soon.first?.command == #"df -h '/data/it'\''s mine'"#)
        #expect(try Self.findings({ $0.fileSystem?.available = 1000 }).map(\.severity) == [.problem])
    }

    @Test("Folders that cannot take a file prevent data taking")
    func folders() throws {
        let missing = try Self.findings { $0.exists = false }
        #expect(missing.map(\.severity) == [.problem] && missing.first?.command == #"mkdir -p '/data/it'\''s mine'"#)
        #expect(try Self.findings { $0.isWritable = false }.map(\.severity) == [.problem])
        let readOnly = try Self.findings { $0.fileSystem?.isReadOnly = true }
        #expect(readOnly.map(\.found) == ["/data/it's mine is on a file system (xfs) that is read-only"])
    }

    @Test("Files in memory and on other hosts are warned about", arguments: [(0x0102_1994, "tmpfs"), (0x6969, "nfs")])
    func kinds(kind: UInt64, name: String) throws {
        let findings = try Self.findings { $0.fileSystem?.kind = kind }
        #expect(findings.map(\.severity) == [.warning, .ok])
        #expect(findings.first?.found == "/data/it's mine is on \(name)")
    }
}
