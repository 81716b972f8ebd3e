/// One live stream: which images it shows, how, and to whom (an entry of `streams`).
public struct StreamConfiguration: Sendable, Hashable {
    /// `format` of the messages.
    public var format: StreamFormat
    /// `address` that the stream listens at, such as `tcp://*:9001`.
    public var address: String
    /// `pattern`: how clients get the messages.
    public var pattern: StreamPattern
    /// `every`, `rate`, `burst` and `batch`: which images are sent.
    public var selection: StreamSelection
    /// `region`: the part of the image that is sent; all of it without.
    public var region: ImageRegion?
    /// `binning`: squares of so many pixels a side become one.
    public var binning: Int
    /// `compression` of the pixels, for formats that can say so.
    public var compression = StreamCompression.none

    /// Larger bins are refused.
    public static let maximumBinning = 64

    /// A stream of whole images, if nothing else is said.
    ///
    /// - Parameter pattern: what clients of the format expect, by default.
    public init(
        _ format: StreamFormat, address: String, pattern: StreamPattern? = nil, selection: StreamSelection = .image,
        region: ImageRegion? = nil, binning: Int = 1
    ) {
        self.format = format
        self.address = address
        self.pattern = pattern ?? format.usualPattern
        self.selection = selection
        self.region = region
        self.binning = binning
    }
}

/// The formats of live streams; docs/streams.md says which client understands what.
public enum StreamFormat: String, Sendable, Hashable, CaseIterable {
    /// A JSON header and the pixels, as std-daq, mflow and streamvis have it.
    case array10 = "array-1.0"
    /// The stream of the detector group's receiver: one socket a UDP port.
    case sls
    /// bsr_m-1.1 and bsr_d-1.1, as the bsread package has it.
    case bsread
    /// DECTRIS Stream V2: CBOR with start and end messages.
    case dectris
    /// Everything that is known about an image, as JSON, without its pixels.
    case metadata
    /// What std-daq services tell each other about an image, without its pixels.
    case stdDAQ = "std-daq"

    /// Whether it tells about images without showing them.
    package var isMetadata: Bool { self == .metadata || self == .stdDAQ }

    /// The pattern that clients of the format expect.
    public var usualPattern: StreamPattern {
        switch self {
        case .array10, .sls, .metadata, .stdDAQ: .publish
        case .bsread, .dectris: .push
        }
    }
}

/// How a stream packs pixels.
public enum StreamCompression: String, Sendable, Hashable, CaseIterable {
    /// As they are.
    case none
    /// Bitshuffle and LZ4, as HDF5 files have it too; needs the trait `Compression`.
    case bitshuffleLZ4 = "bitshuffle_lz4"
}

/// How the clients of a stream get their messages.
public enum StreamPattern: String, Sendable, Hashable, CaseIterable {
    /// Every client gets every message, unless it is too slow (PUB, for SUB).
    case publish = "pub"
    /// The clients share the messages (PUSH, for PULL).
    case push
    /// Each client asks for the next message (ROUTER, for REQ).
    case reply = "rep"
}

/// Which images a stream sends.
public enum StreamSelection: Sendable, Hashable {
    /// Every image.
    case image
    /// One of so many images, counted as they come.
    case nth(Int)
    /// At most so many images a second.
    case hertz(Double)
    /// So many consecutive images, at most `hertz` times a second.
    case burst(Int, hertz: Double)
    /// Images whose id divided by `of` leaves a rest below the count, so that everyone who divides takes the same ones.
    case batch(Int, of: Int)
}
