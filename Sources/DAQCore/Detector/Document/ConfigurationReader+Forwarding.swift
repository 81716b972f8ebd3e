extension ConfigurationReader {
    /// Reads `forward`, the far ends, and `source.forward`.
    mutating func readForwarding(into configuration: inout DetectorConfiguration, folder: String) {
        for index in 0..<(integer("forward") ?? 0) {
            let path = ConfigurationPath("forward")[index]
            if let end = forwardEnd(at: path, connecting: "to", folder: folder) { configuration.forward.append(end) }
        }
        if values["source.forward"] != nil {
            configuration.forwardSource = forwardEnd(at: "source.forward", connecting: "connect", folder: folder)
        }
    }

    private mutating func forwardEnd(
        at path: ConfigurationPath, connecting: String, folder: String
    ) -> ForwardConfiguration? {
        let (connect, listen) = (text(path[connecting].description), text(path["listen"].description))
        guard let address = connect ?? listen, connect == nil || listen == nil else {
            report(
                ConfigurationProblem(
                    .impossibleValue, at: path, expected: "either \(connecting) or listen, an address such as tcp://host:9100",
                    found: connect == nil ? "neither" : "both"),
                making: path.description)
            return nil
        }
        var end = ForwardConfiguration(address: address, isListening: connect == nil)
        if let connections = integer(path["connections"].description) { end.connections = connections }
        if let partBytes = integer(path["part_bytes"].description) { end.partBytes = partBytes }
        if let patience = number(path["patience"].description) { end.patience = patience }
        end.keys = text(path["keys"].description).map { Self.resolve($0, in: folder) }
        return end
    }
}
