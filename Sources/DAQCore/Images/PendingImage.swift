/// A set of port indexes; ports are as few as packets of a frame, so the same bits serve.
typealias PortSet = PacketSet

/// An image that is being received: which ports have begun and ended their frames of it, and what they lack.
struct PendingImage {
    let key: ImageKey
    /// The slot it is filled in; `nil` when none was free.
    let slot: Int?
    var metadata: ImageMetadata
    /// When its first packet arrived.
    let openedAt: UInt64
    /// When its latest known packet arrived.
    var lastPacketAt: UInt64
    /// Ports that have opened a frame of it.
    var opened = PortSet()
    /// Ports whose frame is over.
    var closed = PortSet()
    /// Ports that are not waited for any more.
    var skipped = PortSet()
    /// The port whose time stamp and pulse id the metadata has: the lowest one so far.
    var stampedBy: Int

    /// Whether a port is still writing pixels.
    var isBeingFilled: Bool { opened != closed }

    /// Takes what the header of a port's first packet says about the image.
    mutating func stamp(_ header: PacketHeader, of port: Int) {
        if stampedBy != Int.max { metadata.informationDifference |= metadata.information ^ header.information }
        guard port < stampedBy else { return }
        stampedBy = port
        metadata.detectorTimestamp = header.timestamp
        metadata.pulseID = header.bunchID
        metadata.information = header.information
    }
}

/// What the synchroniser decided about an image, in ascending order.
enum ImageDecision {
    case publish(slot: Int, ImageMetadata)
    /// It is not published and its slot is free again.
    case abandon(slot: Int)

    /// Finishes and delivers the image, or frees its slot.
    func carryOut(with assembler: ImageAssembler, in buffer: any ImageBuffer, _ deliver: (Image) -> Void) {
        switch self {
        case .abandon(let slot):
            buffer.abandon(slot)
        case .publish(let slot, let metadata):
            assembler.finish(buffer.bytes(of: slot), missing: metadata.missing)
            deliver(buffer.publish(slot, metadata))
        }
    }
}
