extension ImageIDSource {
    /// The id of the image that a packet belongs to; `nil` when its field holds none.
    func id(in header: PacketHeader) -> UInt64? {
        switch self {
        case .frameNumber: header.frameNumber
        case .bunchID: header.bunchID
        case .bunchIDFloat64: UInt64(exactly: Double(bitPattern: header.bunchID).rounded(.towardZero))
        }
    }

    /// The pulse id that a packet carries.
    func pulseID(in header: PacketHeader) -> UInt64 {
        self == .frameNumber ? header.bunchID : id(in: header) ?? 0
    }
}
