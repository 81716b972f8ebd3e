import Glibc

extension ConfigurationValidator {
    /// What a type of detector can send.
    mutating func checkDetector() {
        guard isSound("detector_type") else { return }
        let type = configuration.type
        if isSound("bit_depth") {
            let depths = type == .eiger ? [8, 16, 32] : [16]
            if !depths.contains(configuration.bitDepth) {
                report(
                    at: "bit_depth", expected: Self.list(depths) + " for \(type.rawValue)", found: "\(configuration.bitDepth)")
            }
        }
        if isSound("payload_bytes") {
            let sizes = type == .eiger ? [4096, 1024] : [type.defaultPayloadBytes]
            if !sizes.contains(configuration.payloadBytes) {
                report(
                    at: "payload_bytes", expected: Self.list(sizes) + " for \(type.rawValue)",
                    found: "\(configuration.payloadBytes)"
                )
            }
        }
        if isSound("udp_interfaces"), type == .eiger, configuration.udpInterfaces != 1 {
            report(
                at: "udp_interfaces", expected: "1 for eiger", found: "\(configuration.udpInterfaces)",
                hint: "every EIGER stream is a module of its own: n_modules counts ports")
        }
        checkReadRows()
    }

    private mutating func checkReadRows() {
        guard isSound("read_rows"), let rows = configuration.readRows else { return }
        let (step, most) = configuration.type == .moench ? (16, 400) : (8, 512)
        if configuration.type == .eiger {
            report(
                .unsupported, at: "read_rows", expected: "no read_rows for eiger", found: "\(rows)",
                hint: "how EIGER numbers the packets of a partial read-out is not published")
        } else if !rows.isMultiple(of: step) || !(step...most).contains(rows) {
            report(
                at: "read_rows", expected: "\(step) to \(most) in steps of \(step) for \(configuration.type.rawValue)",
                found: "\(rows)")
        }
    }

    /// Ports and addresses.
    mutating func checkNetwork() {
        if isSound("n_modules", "udp_interfaces", "detector_type") {
            let streams = configuration.streamCount
            let last = configuration.startUDPPort + streams - 1
            if streams > DetectorConfiguration.maximumStreamCount {
                report(
                    at: "n_modules", expected: "no more than \(DetectorConfiguration.maximumStreamCount) UDP streams",
                    found: "\(configuration.moduleCount) modules with \(configuration.udpInterfaces) each")
            } else if isSound("start_udp_port"), last > 65_535 {
                report(
                    at: "start_udp_port", expected: "a port that leaves room for \(streams) streams up to port 65535",
                    found: "\(configuration.startUDPPort), whose last stream would be port \(last)")
            }
        }
        if isSound("bind") {
            let address = Self.address(configuration.bindAddress)
            if address == nil || Self.isMulticast(address) {
                report(
                    at: "bind", expected: "the IPv4 address of a local interface, or 0.0.0.0",
                    found: configuration.bindAddress.debugDescription)
            }
        }
        if isSound("multicast"), let group = configuration.multicastGroup, !Self.isMulticast(Self.address(group)) {
            report(
                at: "multicast", expected: "an IPv4 group from 224.0.0.0 to 239.255.255.255", found: group.debugDescription)
        }
    }

    /// The grid of header rows and columns.
    mutating func checkGrid() {
        guard let grid = configuration.moduleGrid,
            isSound("module_grid", "module_grid.rows", "module_grid.columns", "n_modules", "udp_interfaces", "detector_type")
        else { return }
        let streams = configuration.streamCount
        if grid.rows * grid.columns != streams {
            report(
                .conflict, at: "module_grid", expected: "rows × columns to be the \(streams) UDP streams",
                found: "\(grid.rows) × \(grid.columns) = \(grid.rows * grid.columns)")
        } else if configuration.type == .eiger, !grid.columns.isMultiple(of: 2) {
            report(
                .conflict, at: "module_grid.columns", expected: "an even number, since an EIGER half module has two streams",
                found: "\(grid.columns)")
        } else if !grid.rows.isMultiple(of: configuration.udpInterfaces) {
            report(
                .conflict, at: "module_grid.rows", expected: "an even number, since a module with two interfaces has two rows",
                found: "\(grid.rows)")
        }
    }

    private static func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: " or ") }

    /// The address as a number, if it is four decimal bytes.
    private static func address(_ text: String) -> UInt32? {
        var address = in_addr()
        guard !text.utf8.contains(0), inet_pton(AF_INET, text, &address) == 1 else { return nil }
        return UInt32(bigEndian: address.s_addr)
    }

    private static func isMulticast(_ address: UInt32?) -> Bool { address.map { $0 >> 28 == 0xE } ?? false }
}
