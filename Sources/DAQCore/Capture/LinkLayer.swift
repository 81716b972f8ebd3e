/// How the packets of a capture are wrapped: the link types of the tcpdump project that carry IPv4.
public enum LinkLayer: UInt32, Sendable, Hashable, CaseIterable {
    /// BSD loopback: the address family in four bytes, in the order of the machine that captured.
    case null = 0
    case ethernet = 1
    /// Raw IP, under its three numbers.
    case raw = 101
    case rawOpenBSD = 12
    case rawBSDOS = 14
    /// OpenBSD loopback: the address family in four bytes, big-endian.
    case loop = 108
    /// Linux "any" device.
    case linuxCooked = 113
    case ipv4 = 228
    /// Linux "any" device, second version.
    case linuxCooked2 = 276

    /// Where the IPv4 header begins in a captured packet.
    ///
    /// - Returns: `nil` when the packet is too short or carries something else.
    func ipv4Offset(in packet: borrowing RawSpan) -> Int? {
        switch self {
        case .raw, .rawOpenBSD, .rawBSDOS, .ipv4:
            return 0
        case .null, .loop:
            // Family 2 is IPv4 on every system; read in either byte order.
            guard packet.byteCount >= 4 else { return nil }
            let family = packet.bigEndian32(at: 0)
            return family == 2 || family == 2 << 24 ? 4 : nil
        case .ethernet:
            return afterTags(typeAt: 12, in: packet)
        case .linuxCooked:
            return afterTags(typeAt: 14, in: packet)
        case .linuxCooked2:
            guard packet.byteCount >= 20, packet.bigEndian16(at: 0) == 0x0800 else { return nil }
            return 20
        }
    }

    /// Steps over VLAN tags (802.1Q and 802.1ad) that stand before an IPv4 packet.
    private func afterTags(typeAt offset: Int, in packet: borrowing RawSpan) -> Int? {
        var offset = offset
        while offset + 2 <= packet.byteCount {
            switch packet.bigEndian16(at: offset) {
            case 0x0800: return offset + 2
            case 0x8100, 0x88A8, 0x9100: offset += 4
            default: return nil
            }
        }
        return nil
    }
}

extension RawSpan {
    /// A big-endian number; traps outside the span.
    func bigEndian16(at offset: Int) -> UInt16 {
        UInt16(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// A big-endian number; traps outside the span.
    func bigEndian32(at offset: Int) -> UInt32 {
        UInt32(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
