internal import Glibc

/// An IPv4 address.
public struct IPv4Address: Sendable, Hashable, CustomStringConvertible {
    /// The four bytes as a number, the first one highest.
    public let value: UInt32

    /// 0.0.0.0, all addresses of a host.
    public static let any = IPv4Address(value: 0)

    /// An address from its number.
    public init(value: UInt32) { self.value = value }

    /// An address from four numbers with dots between them; `nil` for any other text.
    public init?(_ text: String) {
        var address = in_addr()
        guard inet_pton(AF_INET, text, &address) == 1 else { return nil }
        value = UInt32(bigEndian: address.s_addr)
    }

    /// Four numbers with dots between them.
    public var description: String { "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)" }

    /// The first `bits` bits.
    func prefix(_ bits: Int) -> UInt32 { bits <= 0 ? 0 : value >> UInt32(max(0, 32 - bits)) }
}
