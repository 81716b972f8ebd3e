/// The one document that says what a detector sends and what is made of it: a superset of the std-daq detector configuration.
///
/// A value of this type made by `DetectorConfiguration(contentsOf:)` has been validated; one built by hand is validated
/// by ``DetectorConfiguration/validate()``. Names in comments are the JSON keys; docs/configuration.md describes them all.
public struct DetectorConfiguration: Sendable, Equatable {
    /// `detector_name`: identity in logs, shared memory and files.
    public var name: String
    /// `detector_type`.
    public var type: DetectorType
    /// `n_modules`: for EIGER the number of UDP streams, for the others the number of modules.
    public var moduleCount: Int
    /// `bit_depth` of the pixels that are sent.
    public var bitDepth: Int
    /// `image_pixel_width`, gaps included.
    public var imageWidth: Int
    /// `image_pixel_height`, gaps included.
    public var imageHeight: Int
    /// `start_udp_port`: the port of stream 0; stream n uses the n-th port after it.
    public var startUDPPort: Int
    /// `module_positions` by module number; modules without a position are not received.
    public var modulePositions: [Int: ModulePosition]

    /// `udp_interfaces`: 1, or 2 for JUNGFRAU and MOENCH modules that send their halves to two ports.
    public var udpInterfaces = 1
    /// `module_grid`: set when the header's row and column decide the place of a packet, instead of the port it came by.
    public var moduleGrid: ModuleGrid?
    /// `geometry`: the name of a published layout (such as `JF06T08`) that replaces `module_positions`.
    public var geometry: PublishedGeometry?
    /// `gap_pixels`: whether published layouts place modules with the gap pixels between their chips.
    public var gapPixels = true
    /// `payload_bytes` of pixels a datagram; only EIGER has a choice (4096, or 1024 over 1 Gbit/s).
    public var payloadBytes: Int
    /// `read_rows`: the number of rows a module reads when it is not all of them.
    public var readRows: Int?

    /// `image_id` and `bunch_id_format`.
    public var imageID = ImageIDSource.frameNumber
    /// `image_id_step` between consecutive images.
    public var imageIDStep: UInt64 = 1
    /// `max_id_gap`: a larger jump opens a new segment instead of counting missing images.
    public var maxIDGap: UInt64 = 10_000
    /// `sync_timeout` in nanoseconds (in the document: seconds).
    public var syncTimeout: UInt64 = 500_000_000
    /// `incomplete`: what happens to an image that lacks packets when it is due.
    public var incomplete = IncompletePolicy.emit
    /// `missing_value` of pixels whose packet did not arrive.
    public var missingValue = PixelValue.extreme
    /// `gap_value` of pixels where no sensor is.
    public var gapValue = PixelValue.number(0)

    /// `bind`: the local IPv4 address to receive on.
    public var bindAddress = "0.0.0.0"
    /// `multicast`: the IPv4 group to join.
    public var multicastGroup: String?

    /// `ring.*` and `ram_buffer_gb`.
    public var ring = RingConfiguration()
    /// `receive.*`.
    public var receive = ReceiveConfiguration()
    /// `calibration.*`.
    public var calibration = CalibrationConfiguration()

    /// A configuration with the mandatory keys; everything else has its default.
    public init(
        name: String, type: DetectorType, moduleCount: Int, bitDepth: Int, imageWidth: Int, imageHeight: Int, startUDPPort: Int,
        modulePositions: [Int: ModulePosition]
    ) {
        self.name = name
        self.type = type
        self.moduleCount = moduleCount
        self.bitDepth = bitDepth
        self.imageWidth = imageWidth
        self.imageHeight = imageHeight
        self.startUDPPort = startUDPPort
        self.modulePositions = modulePositions
        payloadBytes =
            switch type {
            case .eiger: 4096
            case .moench: 6400
            case .jungfrauRaw, .jungfrauConverted: 8192
            case .gigafrost, .pco: 0
            }
    }
}

/// The grid of UDP streams in a detector whose headers say where a packet belongs (`module_grid`).
public struct ModuleGrid: Sendable, Hashable {
    /// Number of stream rows; a header's row is below it.
    public var rows: Int
    /// Number of stream columns; a header's column is below it.
    public var columns: Int

    /// A grid of `rows` × `columns` streams.
    public init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
    }
}

/// Where the id of an image comes from.
public enum ImageIDSource: Sendable, Hashable {
    /// The header's frame number.
    case frameNumber
    /// The header's bunch id, an unsigned integer.
    case bunchID
    /// The header's bunch id, written as a double (PSI's JUNGFRAU).
    case bunchIDFloat64
}

/// What happens to an image that still lacks packets when it is due.
public enum IncompletePolicy: String, Sendable, Hashable {
    /// It is published with the missing pixels set to the missing value.
    case emit
    /// It is dropped and counted.
    case drop
}

/// What the ring holds and how much memory it may take (`ring.*`).
public struct RingConfiguration: Sendable, Equatable {
    /// What the images of a ring hold.
    public enum Content: String, Sendable, Hashable {
        case raw, corrected
    }
    /// `ring.content`; `nil` is corrected for detector types that convert, raw for the others.
    public var content: Content?
    /// Memory for images in bytes, from `ring.bytes` or `ram_buffer_gb`; 0 is the larger of 1 GiB and window + 4 images.
    public var budgetBytes = 0

    /// The defaults.
    public init() {}
}

/// How datagrams are received (`receive.*`).
public struct ReceiveConfiguration: Sendable, Equatable {
    /// `receive.threads`: ports are dealt over so many threads.
    public var threads = 1
    /// `receive.batch`: datagrams taken by one call.
    public var batch = 64
    /// `receive.window`: how many consecutive frames of a port may be open at once (the reach of reordering).
    public var window = 4
    /// `receive.socket_buffer` in bytes, asked for each socket.
    public var socketBufferBytes = 64 << 20
    /// `receive.cpus`: processors to pin the receiving threads to, in turn; empty leaves it to the kernel.
    public var cpus: [Int] = []

    /// The defaults.
    public init() {}
}

/// How raw JUNGFRAU words become physical values (`calibration.*`).
public struct CalibrationConfiguration: Sendable, Equatable {
    /// What becomes of pixels with the invalid gain code 10.
    public enum InvalidGain: String, Sendable, Hashable {
        case mask
        /// Treated as the third gain stage, as jungfrau_utils does.
        case thirdStage = "third-stage"
    }
    /// What becomes of the pixels at chip borders, which are twice as wide.
    public enum DoublePixels: String, Sendable, Hashable {
        case keep, mask
        /// Their charge is shared with the gap pixels beside them.
        case interpolate
    }
    /// What becomes of the outermost pixels of a module.
    public enum ModuleEdges: String, Sendable, Hashable {
        case keep, mask
    }

    /// `calibration.pedestal`: a pedestal file.
    public var pedestal: String?
    /// `calibration.gain`: a gain file, HDF5 or the detector group's binary maps (one path a module, separated by commas).
    public var gain: String?
    /// `calibration.mask`: a file whose `/pixel_mask` replaces the one of the pedestal file.
    public var mask: String?
    /// `calibration.invalid_gain`.
    public var invalidGain = InvalidGain.mask
    /// `calibration.masked_value`.
    public var maskedValue = PixelValue.extreme
    /// `calibration.high_gain`: the detector runs in high-gain mode.
    public var highGain = false
    /// `calibration.factor`: energy of one photon in keV; the corrected image is then int32 photons instead of float32 keV.
    public var factor: Double?
    /// `calibration.double_pixels`.
    public var doublePixels = DoublePixels.keep
    /// `calibration.module_edges`.
    public var moduleEdges = ModuleEdges.keep

    /// The defaults.
    public init() {}
}
