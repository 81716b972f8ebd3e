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

    /// `source.*`: the stream that images come from, for the types that send whole images.
    public var source: SourceConfiguration?

    /// `ring.*` and `ram_buffer_gb`.
    public var ring = RingConfiguration()
    /// `receive.*`.
    public var receive = ReceiveConfiguration()
    /// `forward`: hosts that get every image.
    public var forward: [ForwardConfiguration] = []
    /// `source.forward`: images come from another host instead of the detector, or of ``source``.
    public var forwardSource: ForwardConfiguration?
    /// `writer.*`.
    public var writer = WriterConfiguration()
    /// `calibration.*`.
    public var calibration = CalibrationConfiguration()
    /// `experiment.*`.
    public var experiment = Experiment()

    /// `streams`, or what std-daq's `live_stream_configs` says: the live streams that a run begins with.
    public var liveStreams: [StreamConfiguration] = []

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
        payloadBytes = type.defaultPayloadBytes
    }
}
