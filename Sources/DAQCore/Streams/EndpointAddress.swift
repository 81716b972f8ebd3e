/// What an address of a socket can be.
package enum EndpointAddress {
    /// Whether an address can be listened at or connected to: `tcp://HOST:PORT`, where the port may be `*`, or `ipc://PATH`.
    ///
    /// ZeroMQ takes larger ports for others: 70000 would be 4464.
    package static func isPossible(_ address: String) -> Bool {
        guard address.hasPrefix("tcp://") else {
            // The system's limit for the names of such sockets.
            return address.hasPrefix("ipc://") && (7...107 + 6).contains(address.utf8.count)
        }
        let port = address.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
        let host = address.dropFirst("tcp://".count).dropLast(port.count + 1)
        return !host.isEmpty && (port == "*" || Int(port).map { (1...65_535).contains($0) } ?? false)
    }
}
