import Foundation

@testable import DAQCore

/// A folder with files as `/proc` and `/sys` have them, removed at the end of the test.
final class FakeHost {
    let root = FileManager.default.temporaryDirectory.appending(path: "fake-host-\(UUID().uuidString)").path()

    init(_ files: [String: String] = [:]) throws {
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        for (path, text) in files { try write(Data(text.utf8), to: path) }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func write(_ data: Data, to path: String) throws {
        let file = URL(filePath: root + path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }

    var facts: HostFacts { HostReader(root: root).read() }

    /// The files of a host for a detector: nothing to be said against it.
    static let good: [String: String] = [
        "/proc/sys/kernel/osrelease": "6.1.0-18-amd64\n",
        "/sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
        "/sys/devices/system/cpu/online": "0-3,6\n",
        "/sys/devices/system/cpu/isolated": "2-3\n",
        "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance\n",
        "/sys/devices/system/cpu/cpu6/cpufreq/scaling_governor": "performance\n",
        "/proc/self/status": "Name:\tdaqctl\nCpus_allowed:\t4f\nCpus_allowed_list:\t0-3,6\n",
        "/proc/meminfo":
            "MemTotal:       65536000 kB\nMemAvailable:   60000000 kB\nHugePages_Free:        0\nHugepagesize:       2048 kB\n",
        "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
        "/sys/kernel/mm/transparent_hugepage/shmem_enabled": "always within_size [advise] never deny force\n",
        "/sys/fs/cgroup/memory.max": "max\n",
        "/sys/fs/cgroup/memory.current": "100000\n",
        "/proc/sys/net/core/rmem_max": "134217728\n",
        "/proc/sys/net/core/netdev_max_backlog": "250000\n",
        "/proc/net/softnet_stat": "00014f8a 00000000 00000002 00000000\n0000f001 00000000 00000000 00000000\n",
        "/proc/net/snmp":
            "Ip: Forwarding\nIp: 1\nUdp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors\nUdp: 10 0 0 10 0\n",
        "/proc/net/udp": """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
          123: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 23456 2 0000000012345678 0

        """,
        "/sys/class/net/bonding_masters": "\n",
        "/sys/class/net/lo/flags": "0x9\n", "/sys/class/net/lo/mtu": "65536\n",
        "/sys/class/net/lo/statistics/rx_dropped": "0\n", "/sys/class/net/lo/statistics/rx_missed_errors": "0\n",
        "/sys/class/net/lo/statistics/rx_fifo_errors": "0\n",
        "/sys/class/net/eth0/flags": "0x1003\n", "/sys/class/net/eth0/mtu": "9000\n", "/sys/class/net/eth0/speed": "10000\n",
        "/sys/class/net/eth0/device/vendor": "0x8086\n",
        "/sys/class/net/eth0/statistics/rx_dropped": "0\n", "/sys/class/net/eth0/statistics/rx_missed_errors": "0\n",
        "/sys/class/net/eth0/statistics/rx_fifo_errors": "0\n",
    ]
}

extension HostFacts {
    /// The facts of the good host, with what a probe of its kernel would add.
    static func good() throws -> HostFacts {
        var facts = try FakeHost(FakeHost.good).facts
        facts.network.receiveBufferGranted = 64 << 20
        facts.network.canForceReceiveBuffer = false
        facts.network.offersGRO = true
        facts.network.canBusyPoll = true
        facts.memory.shared = 32 << 30
        facts.interfaces = facts.interfaces?.map { interface in
            var interface = interface
            if interface.isLoopback {
                interface.addresses = [.init(address: IPv4Address(value: 0x7F00_0001), prefix: 8)]
            } else {
                interface.addresses = [.init(address: IPv4Address(value: 0x0A1E_0A02), prefix: 24)]
                interface.ring = .init(entries: 4096, most: 4096)
                interface.joinsPackets = true
            }
            return interface
        }
        return facts
    }
}
