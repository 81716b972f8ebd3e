import Foundation
import Testing

import DAQSimulator
@testable import DAQCore

@Suite("Facts about a host")
struct HostReaderTests {
    @Test("Every file of a host is understood")
    func good() throws {
        let facts = try FakeHost(FakeHost.good).facts
        #expect(facts.kernelRelease == "6.1.0-18-amd64")
        #expect(facts.clockSource == "tsc")
        #expect(facts.processors.online == [0, 1, 2, 3, 6])
        #expect(facts.processors.allowed == [0, 1, 2, 3, 6])
        #expect(facts.processors.isolated == [2, 3])
        #expect(facts.processors.governors == [0: "performance", 6: "performance"])
        #expect(facts.memory.available == 60_000_000 * 1024)
        #expect(facts.memory.groupAvailable == nil)
        #expect(facts.memory.hugePages == "madvise")
        #expect(facts.memory.sharedHugePages == "advise")
        #expect(facts.memory.reservedHugePages == 0 && facts.memory.hugePageBytes == 2 << 20)
        #expect(facts.network.receiveBufferLimit == 128 << 20)
        #expect(facts.network.backlogLimit == 250_000 && facts.network.backlogDrops == 0)
        #expect(facts.network.bufferDrops == 0)
        #expect(facts.network.sockets == [BoundSocket(address: IPv4Address(value: 0x7F00_0001), port: 53, drops: 0)])
        let interfaces = try #require(facts.interfaces)
        #expect(interfaces.map(\.name) == ["eth0", "lo"])
        #expect(interfaces.map(\.isUp) == [true, true] && interfaces.map(\.isLoopback) == [false, true])
        #expect(interfaces.map(\.isPhysical) == [true, false] && interfaces.map(\.mtu) == [9000, 65536])
        #expect(interfaces.map(\.speed) == [10_000_000_000, nil])
        #expect(interfaces.map(\.dropped) == [0, 0] && interfaces.map(\.missed) == [0, 0])
    }

    @Test("Of a host without files nothing is known, and nothing is invented")
    func empty() throws {
        #expect(try FakeHost().facts == HostFacts())
    }

    @Test("Counters are summed over processors, and a container's limit counts")
    func counters() throws {
        let host = try FakeHost([
            "/proc/net/softnet_stat": "1 0a 0\n2 ff 0\n", "/sys/fs/cgroup/memory.max": "1000\n",
            "/sys/fs/cgroup/memory.current": "1200\n",
            "/sys/class/net/eth0/flags": "0x1002\n", "/sys/class/net/eth0/speed": "-1\n",
            "/sys/class/net/eth0/statistics/rx_missed_errors": "7\n", "/sys/class/net/eth0/statistics/rx_fifo_errors": "5\n",
        ])
        let facts = host.facts
        #expect(facts.network.backlogDrops == 265)
        #expect(facts.memory.groupAvailable == 0)
        let interface = try #require(facts.interfaces?.first)
        #expect(!interface.isUp && interface.speed == nil && interface.missed == 12 && interface.dropped == nil)
    }

    @Test("Sockets of IPv6 that also take IPv4 packets are in the way, others are not")
    func sockets() throws {
        func line(_ address: String, drops: String = "3") -> String {
            "1: \(address) 0:0 07 0:0 00:0 0 101 0 23456 2 0 \(drops)\n"
        }
        let zeros = String(repeating: "0", count: 32)
        let host = try FakeHost([
            "/proc/net/udp": line("020A1E0A:C350"),
            "/proc/net/udp6": line("\(zeros):C351") + line("0000000000000000FFFF0000020A1E0A:C352")
                + line("B80D0120000000000000000001000000:C353"),
        ])
        let own = try #require(IPv4Address("10.30.10.2"))
        #expect(
            host.facts.network.sockets == [
                BoundSocket(address: own, port: 50000, drops: 3), BoundSocket(address: .any, port: 50001, drops: 3),
                BoundSocket(address: own, port: 50002, drops: 3),
            ])
    }

    @Test(
        "Numbers that are none are unknown",
        arguments: ["", "x", "-1", "99999999999999999999", "1 2", "0x10", "\u{0}", "１２", "4096kB"])
    func noNumber(text: String) throws {
        let facts = try FakeHost([
            "/proc/sys/net/core/rmem_max": text, "/proc/sys/net/core/netdev_max_backlog": text,
            "/proc/meminfo": "MemAvailable: \(text)", "/proc/net/softnet_stat": "0 \(text.split(separator: " ").joined()) 0",
            "/sys/class/net/eth0/flags": text, "/sys/class/net/eth0/mtu": text,
        ]).facts
        #expect(facts.network.receiveBufferLimit == nil && facts.network.backlogLimit == nil)
        #expect(facts.interfaces?.first?.mtu == nil && facts.interfaces?.first?.isUp == false)
    }

    @Test("Lists of processors that are none are unknown", arguments: ["3-1", "0-", "-3", "a", "0-99999999999", "0--3", "1-2-3"])
    func noProcessors(text: String) throws {
        #expect(try FakeHost(["/sys/devices/system/cpu/online": text]).facts.processors.online == nil)
    }

    @Test("A size that overflows is unknown")
    func overflow() throws {
        #expect(try FakeHost(["/proc/meminfo": "MemAvailable: 9223372036854775807 kB"]).facts.memory.available == nil)
    }

    @Test("Garbage in every file of a host harms nobody", arguments: 0..<40)
    func garbage(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let host = try FakeHost()
        for (path, text) in FakeHost.good.sorted(by: { $0.key < $1.key }) {
            var bytes = Array(text.utf8)
            for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(contentsOf: Array("99999999999999999999".utf8), at: index)
                case 2: bytes.removeSubrange(index...)
                default: bytes.insert(UInt8(ascii: "-"), at: index)
                }
            }
            try host.write(Data(bytes), to: path)
        }
        let facts = host.facts
        for demand in [HostDemand(nil), HostDemand(.smallJungfrau(), rate: 1e12, writePath: "/data")] {
            #expect(HostDoctor.findings(facts, for: demand).count > 10, "seed \(seed)")
        }
    }

    @Test("Numbers at their limits harm nobody")
    func limits() throws {
        var facts = try HostFacts.good()
        facts.memory.reservedHugePages = .max
        facts.memory.available = .max
        facts.memory.shared = .max
        facts.network.receiveBufferGranted = .max
        facts.network.sockets = [
            BoundSocket(address: .any, port: 50000, drops: .max), BoundSocket(address: .any, port: 50001, drops: .max),
        ]
        facts.target = StorageTarget(
            folder: "/", exists: true, isWritable: true, fileSystem: .init(kind: .max, available: .max, isReadOnly: false))
        for rate in [1e-300, 1e300] {
            let findings = HostDoctor.findings(facts, for: HostDemand(.smallJungfrau(), rate: rate, writePath: "/"))
            #expect(findings.contains { $0.check == "ports" && $0.severity == .problem })
        }
    }

    @Test("This host can be examined, by any user")
    func real() throws {
        let demand = HostDemand(.smallJungfrau(), rate: 100, writePath: FileManager.default.temporaryDirectory.path())
        let facts = HostDoctor.facts(for: demand)
        #expect(facts.target?.exists == true && facts.target?.fileSystem != nil)
        #expect((facts.processors.online ?? facts.processors.allowed)?.isEmpty == false)
        #expect(facts.network.receiveBufferGranted.map { $0 > 0 } == true)
        let findings = HostDoctor.findings(facts, for: demand)
        #expect(Set(findings.map(\.check)).isSuperset(of: ["socket-buffer", "ports", "memory", "cpus", "kernel"]))
        for finding in findings where [.problem, .warning].contains(finding.severity) {
            #expect(finding.recommended != nil && finding.reason != nil && finding.command != nil, "\(finding)")
        }
    }
}
