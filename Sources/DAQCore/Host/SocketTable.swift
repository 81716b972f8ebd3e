/// The bound UDP sockets in `/proc/net/udp` and `/proc/net/udp6`.
enum SocketTable {
    /// The sockets of both tables; `nil` when the first cannot be read.
    ///
    /// Lines that describe no socket are left out.
    static func sockets(_ udp: [[Substring]]?, _ udp6: [[Substring]]?) -> [BoundSocket]? {
        guard let udp else { return nil }
        return udp.compactMap(socket) + (udp6 ?? []).compactMap(socket)
    }

    /// A line: number, local address and port as `0100007F:C350`, eleven more columns, drops.
    private static func socket(_ words: [Substring]) -> BoundSocket? {
        guard words.count >= 13, let drops = HostFiles.number(words[12]) else { return nil }
        let parts = words[1].split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let port = UInt16(parts[1], radix: 16), port > 0, let address = address(parts[0]) else {
            return nil
        }
        return BoundSocket(address: address, port: Int(port), drops: drops)
    }

    /// An address in hexadecimal, each four bytes as a number of this processor; IPv6 only when it also takes IPv4 packets.
    private static func address(_ digits: Substring) -> IPv4Address? {
        switch digits.utf8.count {
        case 8: UInt32(digits, radix: 16).map { IPv4Address(value: UInt32(bigEndian: $0)) }
        case 32 where digits.utf8.allSatisfy { $0 == UInt8(ascii: "0") }: .any
        // ::ffff:a.b.c.d
        case 32 where digits.hasPrefix("0000000000000000FFFF0000"): address(digits.suffix(8))
        default: nil
        }
    }
}
