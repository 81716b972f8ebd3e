extension ConfigurationValidator {
    /// Checks the ends of forwarding connections.
    mutating func checkForwarding() {
        // Without the ends that could not be read, the others have other indices.
        for (index, end) in configuration.forward.enumerated() where isSound("forward") {
            check(end, at: ConfigurationPath("forward")[index], as: "forward[]")
        }
        guard let end = configuration.forwardSource else { return }
        check(end, at: "source.forward", as: "source.forward")
        guard configuration.ring.layout != .native, isSound("ring.layout") else { return }
        report(
            .conflict, at: "ring.layout", expected: "native where images come from another host",
            found: configuration.ring.layout.rawValue, hint: "room is made there before the ids are known")
    }

    private mutating func check(_ end: ForwardConfiguration, at path: ConfigurationPath, as keys: String) {
        check(end.connections, "connections", at: path, as: keys)
        check(end.partBytes, "part_bytes", at: path, as: keys)
        if case .number(let range)? = ConfigurationKey.named("\(keys).patience")?.kind, !range.contains(end.patience) {
            report(
                at: path["patience"], expected: "a number from \(range.lowerBound) to \(range.upperBound)",
                found: "\(end.patience)")
        }
        guard !EndpointAddress.isPossible(end.address) else { return }
        report(at: path, expected: "an address such as tcp://host:9100 or ipc:///run/daq", found: end.address.debugDescription)
    }

    private mutating func check(_ value: Int, _ key: String, at path: ConfigurationPath, as keys: String) {
        guard let kind = ConfigurationKey.named("\(keys).\(key)")?.kind, case .integer(let range?) = kind, !range.contains(value)
        else { return }
        report(at: path[key], expected: kind.expectation, found: "\(value)")
    }
}
