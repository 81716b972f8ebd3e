/// A stream of whole images that is received instead of packets (`source.*`).
public struct SourceConfiguration: Sendable, Equatable {
    /// How an image is written in a message.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// A JSON header and raw pixels: live streams of std-daq, SwissFEL and others.
        case array10 = "array-1.0"
        /// bsr_m-1.1 and bsr_d-1.1: the cameras of SwissFEL, and std-daq's PCO.
        case bsread
        /// Images in the memory of the std-daq services of this host, which tell of them in protobuf.
        case stdDAQ = "std-daq"
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
    /// The most slots that the memory of std-daq services can have.
    public static let maximumSlots = 1 << 28

    /// `source.address`: where the sender listens, such as `tcp://camera:9999`; for std-daq the name of the detector will do.
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
    /// `source.slots` in the memory of the std-daq services; `nil` for what its size tells.
    public var slots: Int?

    /// A source that is received as is usual for its format: array-1.0 is subscribed to, bsread is pulled.
    public init(address: String, format: Format, pattern: Pattern? = nil) {
        self.address = address
        self.format = format
        self.pattern = pattern ?? (format == .bsread ? .pull : .subscribe)
    }
}

extension SourceConfiguration {
    /// Names of the std-daq services whose metadata are about the images in `<detector>-image`.
    private static let stdDAQSuffixes = ["-image", "-delay-filter", "-filter"]

    /// The detector of std-daq services that the address names; `nil` when it names none.
    package var stdDAQDetector: String? {
        guard address.contains("://") else { return Self.isFileName(address) ? address : nil }
        guard address.hasPrefix("ipc://"), let file = address.split(separator: "/", omittingEmptySubsequences: false).last,
            let suffix = Self.stdDAQSuffixes.first(where: { file.hasSuffix($0) })
        else { return nil }
        let name = String(file.dropLast(suffix.count))
        return Self.isFileName(name) ? name : nil
    }

    /// The address to connect to: that of std-daq services follows from the name of the detector.
    package var endpoint: String {
        format == .stdDAQ && !address.contains("://") ? "ipc:///tmp/\(address)-image" : address
    }

    private static func isFileName(_ text: String) -> Bool {
        // The system's limit for the names of such sockets, less what is put around it.
        (1...90).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 32 && $0 != UInt8(ascii: "/") && $0 != 127 }
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
