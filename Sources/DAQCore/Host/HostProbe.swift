import CDAQLinux
internal import Glibc

/// Finds out by asking the kernel what is in no file; changes nothing that outlives the question.
struct HostProbe {
    let demand: HostDemand

    /// Adds what it finds to the facts.
    func complete(_ facts: inout HostFacts) {
        completeSocketFacts(&facts.network)
        completeAddresses(&facts.interfaces)
        facts.memory.shared = Self.fileSystem("/dev/shm")?.available
        facts.target = demand.writePath.map(Self.target)
    }

    private func completeSocketFacts(_ network: inout HostFacts.Network) {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let wanted = Int32(clamping: demand.socketBufferBytes)
        network.canForceReceiveBuffer = cdaq_force_receive_buffer(descriptor, wanted) == 0
        let granted = cdaq_set_receive_buffer(descriptor, wanted)
        network.receiveBufferGranted = granted >= 0 ? Int(granted) : nil
        network.offersGRO = cdaq_enable_gro(descriptor) == 0
        network.canBusyPoll = cdaq_set_busy_poll(descriptor, UInt32(clamping: max(1, demand.busyPollMicroseconds))) == 0
    }

    private func completeAddresses(_ interfaces: inout [NetworkInterface]?) {
        guard let known = interfaces else { return }
        let addresses = Self.addresses()
        interfaces = known.map { interface in
            var interface = interface
            interface.addresses = addresses.map { $0[interface.name] ?? [] }
            guard interface.isPhysical else { return interface }
            let joins = cdaq_interface_joins(interface.name)
            interface.joinsPackets = joins < 0 ? nil : joins == 1
            var entries: UInt32 = 0
            var most: UInt32 = 0
            if cdaq_receive_ring(interface.name, &entries, &most) == 0, most > 0 {
                interface.ring = NetworkInterface.Ring(entries: Int(entries), most: Int(most))
            }
            return interface
        }
    }

    /// IPv4 addresses by interface (getifaddrs).
    private static func addresses() -> [String: [NetworkInterface.Address]]? {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return nil }
        defer { freeifaddrs(first) }
        var all: [String: [NetworkInterface.Address]] = [:]
        for entry in sequence(first: first, next: { $0?.pointee.ifa_next }) {
            guard let entry, let name = entry.pointee.ifa_name, let address = ipv4(entry.pointee.ifa_addr) else { continue }
            let mask = ipv4(entry.pointee.ifa_netmask)?.value ?? .max
            all[String(cString: name), default: []]
                .append(NetworkInterface.Address(address: address, prefix: mask.nonzeroBitCount))
        }
        return all
    }

    private static func ipv4(_ address: UnsafeMutablePointer<sockaddr>?) -> IPv4Address? {
        guard let address, Int32(address.pointee.sa_family) == AF_INET else { return nil }
        // The family says that this is a sockaddr_in.
        let value = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr
        return IPv4Address(value: UInt32(bigEndian: value))
    }

    private static func fileSystem(_ path: String) -> StorageTarget.FileSystem? {
        var found = cdaq_file_system()
        guard cdaq_file_system_of(path, &found) == 0 else { return nil }
        return StorageTarget.FileSystem(
            kind: found.kind, available: Int(clamping: found.available_bytes), isReadOnly: found.read_only != 0)
    }

    /// The folder that a run would write to: the path itself when it is one, or else the one that the path is in.
    private static func target(_ path: String) -> StorageTarget {
        var folder = path
        if !isFolder(path) {
            let slash = path.lastIndex(of: "/")
            folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        }
        return StorageTarget(
            folder: folder, exists: isFolder(folder), isWritable: access(folder, W_OK | X_OK) == 0,
            fileSystem: fileSystem(folder))
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
