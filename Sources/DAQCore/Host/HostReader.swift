/// Reads what `/proc` and `/sys` tell about a host.
///
/// Formats: proc(5), Documentation/admin-guide/sysctl/net.rst, Documentation/ABI/testing/sysfs-class-net and
/// sysfs-class-net-statistics of the kernel.
struct HostReader {
    private let files: HostFiles

    /// A reader of the host whose root is a folder.
    init(root: String) { files = HostFiles(root: root) }

    /// All facts that are in files.
    func read() -> HostFacts {
        var facts = HostFacts()
        facts.kernelRelease = files.word("/proc/sys/kernel/osrelease")
        facts.clockSource = files.word("/sys/devices/system/clocksource/clocksource0/current_clocksource")
        facts.processors = processors()
        facts.memory = memory()
        facts.network = network()
        facts.interfaces = files.names("/sys/class/net").map { names in
            // bonding_masters is a file among the folders.
            names.filter { files.exists("/sys/class/net/\($0)/flags") }.map(interface(named:))
        }
        return facts
    }

    private func processors() -> HostFacts.Processors {
        var processors = HostFacts.Processors()
        processors.online = files.processors("/sys/devices/system/cpu/online")
        processors.isolated = files.processors("/sys/devices/system/cpu/isolated")
        processors.allowed = value("Cpus_allowed_list", in: "/proc/self/status").flatMap(HostFiles.processors)
        for processor in processors.online ?? [] {
            processors.governors[processor] = files.word("/sys/devices/system/cpu/cpu\(processor)/cpufreq/scaling_governor")
        }
        return processors
    }

    private func memory() -> HostFacts.Memory {
        var memory = HostFacts.Memory()
        func kibibytes(_ key: String) -> Int? {
            guard let number = value(key, in: "/proc/meminfo").flatMap({ HostFiles.number($0) }) else { return nil }
            return bytes(kibibytes: number)
        }
        memory.available = kibibytes("MemAvailable")
        memory.hugePageBytes = kibibytes("Hugepagesize")
        memory.reservedHugePages = value("HugePages_Free", in: "/proc/meminfo").flatMap { HostFiles.number($0) }
        memory.hugePages = files.choice("/sys/kernel/mm/transparent_hugepage/enabled")
        memory.sharedHugePages = files.choice("/sys/kernel/mm/transparent_hugepage/shmem_enabled")
        // In a container the group's folder is the root of what is mounted; on a host the root group has no limit.
        if let limit = files.number("/sys/fs/cgroup/memory.max"), let used = files.number("/sys/fs/cgroup/memory.current") {
            memory.groupAvailable = max(0, limit - used)
        }
        return memory
    }

    private func bytes(kibibytes: Int) -> Int? {
        let (bytes, overflow) = kibibytes.multipliedReportingOverflow(by: 1024)
        return overflow ? nil : bytes
    }

    private func network() -> HostFacts.Network {
        var network = HostFacts.Network()
        network.receiveBufferLimit = files.number("/proc/sys/net/core/rmem_max")
        network.backlogLimit = files.number("/proc/sys/net/core/netdev_max_backlog")
        // A line a processor; the second number counts what a full backlog dropped.
        network.backlogDrops = files.table("/proc/net/softnet_stat").flatMap { lines in
            sum(lines.map { $0.count > 1 ? Int($0[1], radix: 16) : nil })
        }
        // Two lines begin with "Udp:": names, then numbers.
        if let lines = files.table("/proc/net/snmp")?.filter({ $0.first == "Udp:" }), lines.count == 2,
            let column = lines[0].firstIndex(of: "RcvbufErrors"), lines[1].indices.contains(column)
        {
            network.bufferDrops = HostFiles.number(lines[1][column])
        }
        network.sockets = SocketTable.sockets(files.table("/proc/net/udp"), files.table("/proc/net/udp6"))
        return network
    }

    private func interface(named name: String) -> NetworkInterface {
        let folder = "/sys/class/net/\(name)"
        var interface = NetworkInterface(name: name)
        let flags = files.text("\(folder)/flags").flatMap { $0.hasPrefix("0x") ? Int($0.dropFirst(2), radix: 16) : nil } ?? 0
        interface.isUp = flags & 1 != 0
        interface.isLoopback = flags & 8 != 0
        interface.isPhysical = files.exists("\(folder)/device")
        interface.mtu = files.number("\(folder)/mtu")
        // In Mbit/s; -1, or no answer, where there is no cable.
        interface.speed = files.number("\(folder)/speed").flatMap { $0 > 0 && $0 < 100_000_000 ? $0 * 1_000_000 : nil }
        interface.dropped = files.number("\(folder)/statistics/rx_dropped")
        interface.missed = sum(
            ["rx_missed_errors", "rx_fifo_errors"].map { files.number("\(folder)/statistics/\($0)") })
        return interface
    }

    /// The word after `key:` in a file.
    private func value(_ key: String, in path: String) -> Substring? {
        files.table(path)?.first { $0.count > 1 && $0[0].dropLast() == key && $0[0].hasSuffix(":") }?[1]
    }

    /// The sum, or `nil` when a number is missing, negative or too large.
    private func sum(_ numbers: [Int?]) -> Int? {
        var sum = 0
        for number in numbers {
            guard let number, number >= 0 else { return nil }
            let (next, overflow) = sum.addingReportingOverflow(number)
            if overflow { return nil }
            sum = next
        }
        return sum
    }
}
