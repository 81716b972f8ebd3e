/// How one detector writes its datagrams.
///
/// A format only reads: it turns bytes that nobody has checked into a header whose every field may be used as it is,
/// or says what is wrong with them. Nothing is learned from a datagram.
public protocol PacketFormat: Sendable {
    /// The longest datagram this format accepts, in bytes.
    var maximumDatagramBytes: Int { get }
    /// The packet numbers of a complete frame.
    var packets: Range<Int> { get }
    /// Columns and rows of a frame.
    var frameSize: (columns: Int, rows: Int) { get }
    /// Type of the pixels in a datagram.
    var pixelType: PixelType { get }

    /// Reads a datagram.
    func read(_ datagram: UnsafeRawBufferPointer) -> PacketVerdict

    /// The pixels of a frame that a packet carries, as positions in the frame counted row by row.
    ///
    /// - Precondition: `packet` is in ``packets``.
    func pixels(of packet: Int) -> Range<Int>
}

/// What a datagram is.
public enum PacketVerdict: Sendable, Equatable {
    case packet(PacketHeader)
    case malformed(MalformedReason)
    case foreign(ForeignReason)
}

/// Why a datagram, or a message of a stream, cannot be read.
public enum MalformedReason: Int, Sendable, Hashable, CaseIterable {
    /// Its length is not the one of the configuration.
    case length
    /// Its header version is neither 1 nor 2.
    case version
    /// Its packet number lies outside the frame.
    case packetNumber
    /// Its bunch id, written as a double, is no whole number of 64 bits.
    case bunchID
    /// The message of a stream has other parts than its format.
    case parts
    /// The header of a message cannot be read, or says nothing possible.
    case header
    /// The pixels of a message are damaged, or not as many as its header says.
    case payload
}

/// Why a readable datagram or message does not belong to the configured detector.
public enum ForeignReason: Int, Sendable, Hashable, CaseIterable {
    /// The header names another type of detector.
    case detectorType
    /// The header's row and column name no module of the grid.
    case position
    /// The message belongs to another kind of stream.
    case stream
    /// The image has another shape or pixel type.
    case format
    /// The message has no image in the wanted channel.
    case channel
    /// The pixels are written in a way that this program cannot read.
    case encoding
}

/// The checked fields of a packet.
public struct PacketHeader: Sendable, Equatable {
    /// The detector's frame counter; groups the packets of a port.
    public var frameNumber: UInt64
    /// Position of the packet in its frame, inside the format's ``PacketFormat/packets``.
    public var packet: Int
    /// Bunch or pulse id as it is in the header (detSpec1); may be the bits of a double.
    public var bunchID: UInt64
    /// Detector time in ticks of 100 ns.
    public var timestamp: UInt64
    /// Row of the stream in the detector.
    public var row: UInt16
    /// Column of the stream in the detector.
    public var column: UInt16
    /// detSpec3: JUNGFRAU's DAQ information word.
    public var information: UInt32
    /// Where the pixels begin in the datagram, in bytes; as many follow as ``PacketFormat/pixels(of:)`` says.
    public var payloadOffset: Int

    /// A header; what a detector does not send is 0.
    public init(
        frameNumber: UInt64, packet: Int, bunchID: UInt64 = 0, timestamp: UInt64 = 0, row: UInt16 = 0, column: UInt16 = 0,
        information: UInt32 = 0, payloadOffset: Int
    ) {
        self.frameNumber = frameNumber
        self.packet = packet
        self.bunchID = bunchID
        self.timestamp = timestamp
        self.row = row
        self.column = column
        self.information = information
        self.payloadOffset = payloadOffset
    }
}
