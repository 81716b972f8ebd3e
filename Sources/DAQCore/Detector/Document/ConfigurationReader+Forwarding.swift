extension ConfigurationReader {
    /// Reads `forward`, the far ends, and `source.forward`.
    mutating func readForwarding(into configuration: inout DetectorConfiguration, folder: String) {
        for entry in list("forward") ?? [] where entry.problems.isEmpty {
            let end = forwardEnd(entry, "forward[]", at: entry.path, connecting: "to", folder: folder)
            if let end { configuration.forward.append(end) }
        }
        guard values["source.forward"] != nil else { return }
        // A stream is left out then, so that nothing else is said about it.
        configuration.source = nil
        let others = ["address", "format", "pattern", "connections", "channel", "pixel_type", "slots"]
        if let other = others.first(where: { values["source.\($0)"] != nil || unreadable.contains("source.\($0)") }) {
            return report(
                ConfigurationProblem(
                    .conflict, at: ConfigurationPath("source")[other], expected: "either forward or a stream in source",
                    found: "forward and \(other)",
                    hint: "leave forward out and use daqctl run --from, or describe the stream where images are sent from"),
                making: "source")
        }
        configuration.forwardSource = forwardEnd(
            self, "source.forward", at: "source.forward", connecting: "connect", folder: folder)
    }

    /// One end of a connection; `nil` when it is wrong, which has been reported then.
    ///
    /// - Parameters:
    ///   - keys: what the table of keys calls the group of `entry` that describes it.
    ///   - connecting: the key of the address to connect to.
    private mutating func forwardEnd(
        _ entry: ConfigurationReader, _ keys: String, at path: ConfigurationPath, connecting: String, folder: String
    ) -> ForwardConfiguration? {
        let (connect, listen) = (entry.text("\(keys).\(connecting)"), entry.text("\(keys).listen"))
        guard let address = connect ?? listen, connect == nil || listen == nil else {
            report(
                ConfigurationProblem(
                    .impossibleValue, at: path, expected: "either \(connecting) or listen, an address such as tcp://host:9100",
                    found: connect == nil ? "neither" : "both"),
                making: keys == "forward[]" ? "forward" : keys)
            return nil
        }
        var end = ForwardConfiguration(address: address, isListening: connect == nil)
        assign(&end.connections, entry.integer("\(keys).connections"))
        assign(&end.partBytes, entry.integer("\(keys).part_bytes"))
        assign(&end.patience, entry.number("\(keys).patience"))
        end.keys = entry.text("\(keys).keys").map { Self.resolve($0, in: folder) }
        return end
    }
}
