/// A stream of whole images that is received instead of packets (`source.*`).
public struct SourceConfiguration: Sendable, Equatable {
    /// How an image is written in a message.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// A JSON header and raw pixels: live streams of std-daq, SwissFEL and others.
        case array10 = "array-1.0"
        /// bsr_m-1.1 and bsr_d-1.1: the cameras of SwissFEL, and std-daq's PCO.
        case bsread
    }

    /// How the sender hands messages out.
    public enum Pattern: String, Sendable, Hashable, CaseIterable {
        /// Every client gets every message, and loses those it is too slow for.
        case subscribe = "sub"
        /// Every message goes to one client.
        case pull
    }

    /// The most connections to one sender.
    public static let maximumConnections = 16

    /// `source.address`: where the sender listens, such as `tcp://camera:9999`.
    public var address: String
    /// `source.format`.
    public var format: Format
    /// `source.pattern`; when the document does not say, what is usual for the format.
    public var pattern: Pattern
    /// `source.connections` to the sender, which it serves in turn; only pulling has a use for more than one.
    public var connections = 1
    /// `source.channel`: the channel that holds the image, for formats that have channels; `nil` takes the first image.
    public var channel: String?
    /// `source.pixel_type`; `nil` is the unsigned integer of `bit_depth`.
    public var pixelType: PixelType?

    /// A source that is received as is usual for its format: array-1.0 is subscribed to, bsread is pulled.
    public init(address: String, format: Format, pattern: Pattern? = nil) {
        self.address = address
        self.format = format
        self.pattern = pattern ?? (format == .bsread ? .pull : .subscribe)
    }
}

extension DetectorConfiguration {
    /// A configuration of images that come as a stream, for programs that have no document.
    public init(name: String, receiving format: ImageFormat, from source: SourceConfiguration) {
        self.init(
            name: name, type: .camera, moduleCount: 1, bitDepth: format.pixelType.bytes * 8, imageWidth: format.width,
            imageHeight: format.height, startUDPPort: 1, modulePositions: [:])
        self.source = source
        self.source?.pixelType = format.pixelType
    }
}
