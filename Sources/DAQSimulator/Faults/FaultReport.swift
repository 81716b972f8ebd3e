/// What a ``FaultInjector`` did, to be compared with what a receiver says.
///
/// delivered + lost + dropped + held = offered + duplicated, at any time; `held` is 0 at the end.
public struct FaultReport: Sendable, Equatable {
    /// Lists end at this length; the counts go on.
    public static let listLimit = 100_000

    /// Packets that were given to the injector.
    public internal(set) var offered = 0
    /// Packets that it gave on, damaged ones and second copies included.
    public internal(set) var delivered = 0
    /// Packets lost by chance.
    public internal(set) var lost = 0
    /// Packets lost because the plan names them.
    public internal(set) var dropped = 0
    /// Second copies.
    public internal(set) var duplicated = 0
    /// Packets that were held back, so that later ones could overtake them.
    public internal(set) var delayed = 0
    /// Packets that are being held back now.
    public internal(set) var held = 0
    /// Damaged packets by kind.
    public internal(set) var corrupted: [Corruption.Kind: Int] = [:]
    /// The packets lost by chance or by name, in order; `port` is the number of the stream.
    public internal(set) var lostPackets: [PacketAddress] = []
    /// The damaged packets, in order.
    public internal(set) var corruptions: [Corruption] = []

    /// A report of nothing.
    public init() {}

    mutating func noteLoss(_ packet: PacketAddress) {
        if lostPackets.count < Self.listLimit { lostPackets.append(packet) }
    }

    mutating func note(_ corruption: Corruption) {
        corrupted[corruption.kind, default: 0] += 1
        if corruptions.count < Self.listLimit { corruptions.append(corruption) }
    }
}
