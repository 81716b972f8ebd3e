/// Everything that is known about an image besides its pixels.
public struct ImageMetadata: Sendable, Equatable {
    /// Counts the restarts of the detector's counter; (segment, id) is unique.
    public var segment: UInt32 = 0
    /// The image id: the frame number, or the bunch id where the configuration says so.
    public var id: UInt64
    /// The header's bunch or pulse id, whatever the image id is.
    public var pulseID: UInt64 = 0
    /// Detector time stamp in ticks of 100 ns, from the placed stream of the lowest number.
    public var detectorTimestamp: UInt64 = 0
    /// detSpec3 of the placed stream of the lowest number: JUNGFRAU's DAQ information word.
    public var information: UInt32 = 0
    /// The bits in which the streams' information words differ.
    public var informationDifference: UInt32 = 0
    /// When the first packet arrived, UTC nanoseconds since 1970.
    public var receivedAt: UInt64 = 0
    /// Whether all pixels are there.
    public var status: ImageStatus = .good
    /// Packets that a complete image has.
    public var expectedPackets = 0
    /// Which packets did not arrive; empty for a good image.
    public var missing: [MissingPackets] = []
    /// What stages said about this image.
    public var annotations: [Annotation] = []
    /// The revision of the stage chain that processed this image.
    public var chainRevision: UInt64 = 0

    /// The metadata of a good image.
    public init(id: UInt64) { self.id = id }

    /// Number of packets that did not arrive.
    public var missingPackets: Int { missing.reduce(0) { $0 + $1.packets.count } }
}

/// Whether an image is whole; the numbers are those that files and streams carry.
public enum ImageStatus: UInt8, Sendable, Hashable {
    case good = 1
    case missingPackets = 2
}

/// The packets of one UDP stream that an image lacks.
public struct MissingPackets: Sendable, Equatable {
    /// Number of the stream (port).
    public var port: Int
    /// The missing packet numbers.
    public var packets: PacketSet

    /// The missing packets of a stream.
    public init(port: Int, packets: PacketSet) {
        self.port = port
        self.packets = packets
    }
}

/// One named value that a stage gave to an image.
public struct Annotation: Sendable, Equatable {
    /// The value of an annotation.
    public enum Value: Sendable, Equatable {
        case integer(Int64)
        case number(Double)
        case text(String)
        case flag(Bool)
    }
    /// Name, unique within an image.
    public var name: String
    /// Value.
    public var value: Value

    /// An annotation.
    public init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }
}
