/// One key of the configuration document: its name, what it holds, and whether it must be there.
///
/// ``all`` is the only list of keys: reading, range checks, suggestions and the tests of docs/configuration.md and
/// docs/configuration.schema.json all follow it.
struct ConfigurationKey: Sendable {
    /// What a key holds.
    enum Kind: Sendable, Equatable {
        case integer(ClosedRange<Int>? = nil)
        case number(ClosedRange<Double>)
        case boolean
        case text
        case choice([String])
        case integers(ClosedRange<Int>)
        case texts
        /// A number, "nan" or "default".
        case pixelValue
        /// Module number to corners.
        case positions
        /// An object with keys of its own, which are in the table too.
        case group
        /// An array of objects whose keys are in the table too, under the name of the array and `[]`.
        case list
        /// Address to selection of a live stream, as std-daq writes it.
        case liveStreams
        /// An object or array that is known but not looked into.
        case collection
    }

    /// What becomes of a key.
    enum Use: Sendable, Equatable {
        case mandatory
        /// Mandatory unless `geometry` says it.
        case layout
        /// Mandatory for detectors that send packets.
        case packets
        /// Mandatory for detectors that send packets, unless `geometry` says it.
        case packetLayout
        /// Mandatory when its group is there.
        case member
        /// Mandatory when its group is there, unless images come from another host.
        case stream
        /// The same, unless the address follows from the name of the detector.
        case streamAddress
        case optional
        /// Mandatory in every element of its list.
        case element
        /// Part of the std-daq document without a meaning here: its type is checked, then it is ignored.
        case ignored
    }

    /// Name with the groups it is in, separated by dots.
    let path: String
    let kind: Kind
    let use: Use

    private init(_ path: String, _ kind: Kind, _ use: Use = .optional) {
        self.path = path
        self.kind = kind
        self.use = use
    }

    /// The name without its group.
    var name: Substring { path.split(separator: ".").last ?? "" }
    /// The group a key is in; empty at the top level.
    var group: Substring { path.lastIndex(of: ".").map { path[..<$0] } ?? "" }

    /// The key of that path.
    static func named(_ path: String) -> ConfigurationKey? { table[path] }

    private static let table = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })

    /// All keys.
    static let all: [ConfigurationKey] =
        detector + network + source + images + calibration + experiment + ring + receive + streams + forwarding + writer
        + layout + standard

    private static let detector = [
        ConfigurationKey("detector_name", .text, .mandatory),
        ConfigurationKey("detector_type", .choice(DetectorType.allCases.map(\.rawValue)), .mandatory),
        ConfigurationKey("n_modules", .integer(1...DetectorConfiguration.maximumStreamCount), .packets),
        ConfigurationKey("bit_depth", .integer(8...32), .mandatory),
        ConfigurationKey("payload_bytes", .integer(1...65_507)),
        ConfigurationKey("read_rows", .integer(8...512)),
    ]

    private static let layout = [
        ConfigurationKey("image_pixel_height", .integer(1...DetectorConfiguration.maximumImageSide), .layout),
        ConfigurationKey("image_pixel_width", .integer(1...DetectorConfiguration.maximumImageSide), .layout),
        ConfigurationKey("module_positions", .positions, .packetLayout),
        ConfigurationKey("geometry", .text),
        ConfigurationKey("gap_pixels", .boolean),
        ConfigurationKey("module_grid", .group),
        ConfigurationKey("module_grid.rows", .integer(1...DetectorConfiguration.maximumStreamCount), .member),
        ConfigurationKey("module_grid.columns", .integer(1...DetectorConfiguration.maximumStreamCount), .member),
    ]

    private static let network = [
        ConfigurationKey("start_udp_port", .integer(1...65_535), .packets),
        ConfigurationKey("udp_interfaces", .integer(1...2)),
        ConfigurationKey("bind", .text),
        ConfigurationKey("multicast", .text),
    ]

    private static let source = [
        ConfigurationKey("source", .group),
        ConfigurationKey("source.address", .text, .streamAddress),
        ConfigurationKey("source.format", .choice(SourceConfiguration.Format.allCases.map(\.rawValue)), .stream),
        ConfigurationKey("source.pattern", .choice(SourceConfiguration.Pattern.allCases.map(\.rawValue))),
        ConfigurationKey("source.connections", .integer(1...SourceConfiguration.maximumConnections)),
        ConfigurationKey("source.channel", .text),
        ConfigurationKey("source.pixel_type", .choice(PixelType.allCases.map(\.rawValue))),
        ConfigurationKey("source.slots", .integer(1...SourceConfiguration.maximumSlots)),
    ]

    private static let images = [
        ConfigurationKey("image_id", .choice(["frame_number", "bunch_id"])),
        ConfigurationKey("bunch_id_format", .choice(["integer", "float64"])),
        ConfigurationKey("image_id_step", .integer(1...4_294_967_296)),
        ConfigurationKey("max_id_gap", .integer(1...9_007_199_254_740_992)),
        ConfigurationKey("sync_timeout", .number(0.001...3600)),
        ConfigurationKey("incomplete", .choice(IncompletePolicy.allCases.map(\.rawValue))),
        ConfigurationKey("missing_value", .pixelValue),
        ConfigurationKey("gap_value", .pixelValue),
    ]

    private static let calibration = [
        ConfigurationKey("calibration", .group),
        ConfigurationKey("calibration.pedestal", .text),
        ConfigurationKey("calibration.gain", .text),
        ConfigurationKey("calibration.mask", .text),
        ConfigurationKey("calibration.invalid_gain", .choice(CalibrationConfiguration.InvalidGain.allCases.map(\.rawValue))),
        ConfigurationKey("calibration.masked_value", .pixelValue),
        ConfigurationKey("calibration.high_gain", .boolean),
        ConfigurationKey("calibration.factor", .number(0.000_001...1_000_000)),
        ConfigurationKey("calibration.double_pixels", .choice(CalibrationConfiguration.DoublePixels.allCases.map(\.rawValue))),
        ConfigurationKey("calibration.module_edges", .choice(CalibrationConfiguration.ModuleEdges.allCases.map(\.rawValue))),
    ]

    /// Named as in NXmx.
    private static let experiment = [
        ConfigurationKey("experiment", .group),
        ConfigurationKey("experiment.sample_name", .text),
        ConfigurationKey("experiment.source_name", .text),
        ConfigurationKey("experiment.instrument_name", .text),
        ConfigurationKey("experiment.incident_wavelength", .number(0.0001...1000)),
        ConfigurationKey("experiment.distance", .number(0.0001...1000)),
        ConfigurationKey("experiment.beam_center_x", .number(-1_000_000...1_000_000)),
        ConfigurationKey("experiment.beam_center_y", .number(-1_000_000...1_000_000)),
        ConfigurationKey("experiment.pixel_size", .number(0.000_000_1...0.01)),
        ConfigurationKey("experiment.sensor_material", .text),
        ConfigurationKey("experiment.sensor_thickness", .number(0.000_001...0.1)),
        ConfigurationKey("experiment.count_time", .number(0.000_000_001...1_000_000)),
        ConfigurationKey("experiment.frame_time", .number(0.000_000_001...1_000_000)),
        ConfigurationKey("experiment.saturation_value", .number(0...1_000_000_000_000)),
    ]

    private static let ring = [
        ConfigurationKey("ram_buffer_gb", .integer(0...65_536)),
        ConfigurationKey("ring", .group),
        ConfigurationKey("ring.content", .choice(RingConfiguration.Content.allCases.map(\.rawValue))),
        ConfigurationKey("ring.bytes", .integer(0...65_536 << 30)),
        ConfigurationKey("ring.wait", .number(0...1)),
        ConfigurationKey("ring.layout", .choice(RingConfiguration.Layout.allCases.map(\.rawValue))),
        ConfigurationKey("ring.shared", .boolean),
        ConfigurationKey("ring.name", .text),
    ]

    private static let receive = [
        ConfigurationKey("receive", .group),
        ConfigurationKey("receive.threads", .integer(1...64)),
        ConfigurationKey("receive.batch", .integer(1...1024)),
        ConfigurationKey("receive.window", .integer(1...64)),
        ConfigurationKey("receive.socket_buffer", .integer(4096...1 << 30)),
        ConfigurationKey("receive.cpus", .integers(0...1023)),
        ConfigurationKey("receive.busy_poll", .integer(0...10_000)),
        ConfigurationKey("receive.gro", .boolean),
    ]

    private static let streams = [
        ConfigurationKey("streams", .list),
        ConfigurationKey("streams[].format", .choice(StreamFormat.allCases.map(\.rawValue)), .element),
        ConfigurationKey("streams[].address", .text),
        ConfigurationKey("streams[].pattern", .choice(StreamPattern.allCases.map(\.rawValue))),
        ConfigurationKey("streams[].every", .integer(1...1_000_000_000)),
        ConfigurationKey("streams[].rate", .number(0.001...1_000_000)),
        ConfigurationKey("streams[].burst", .integer(1...1_000_000_000)),
        ConfigurationKey("streams[].batch", .integers(1...1_000_000_000)),
        ConfigurationKey("streams[].region", .integers(0...DetectorConfiguration.maximumImageSide - 1)),
        ConfigurationKey("streams[].binning", .integer(1...StreamConfiguration.maximumBinning)),
        ConfigurationKey("streams[].compression", .choice(StreamCompression.allCases.map(\.rawValue))),
        ConfigurationKey("live_stream_configs", .liveStreams),
    ]

    private static let forwarding = [
        ConfigurationKey("forward", .list),
        ConfigurationKey("forward[].to", .text),
        ConfigurationKey("forward[].listen", .text),
        ConfigurationKey("forward[].connections", .integer(1...64)),
        ConfigurationKey("forward[].part_bytes", .integer(0...1 << 30)),
        ConfigurationKey("forward[].patience", .number(0...3600)),
        ConfigurationKey("forward[].keys", .text),
        ConfigurationKey("source.forward", .group),
        ConfigurationKey("source.forward.listen", .text),
        ConfigurationKey("source.forward.connect", .text),
        ConfigurationKey("source.forward.connections", .integer(1...64)),
        ConfigurationKey("source.forward.keys", .text),
    ]

    private static let writer = [
        ConfigurationKey("writer", .group),
        ConfigurationKey("writer.format", .choice(FileFormat.allCases.map(\.rawValue))),
        ConfigurationKey("writer.file_mode", .choice(FileMode.allCases.map(\.rawValue))),
        ConfigurationKey("writer.compression", .choice(FileCompression.allCases.map(\.rawValue))),
        ConfigurationKey("writer.images_per_file", .integer(1...1_000_000_000_000)),
        ConfigurationKey("writer.bytes_per_file", .integer(1...9_007_199_254_740_992)),
        ConfigurationKey("writer.seconds_per_file", .number(0...86_400)),
        ConfigurationKey("writer.direct_io", .boolean),
        ConfigurationKey("writer.roots", .texts),
        ConfigurationKey("writer.owner", .text),
        ConfigurationKey("writer.group", .text),
        ConfigurationKey("writer.permissions", .text),
    ]

    /// Keys of std-daq documents, of the tools around them, and of editors.
    private static let standard = [
        ConfigurationKey("log_level", .text, .ignored),
        ConfigurationKey("stats_collection_period", .integer(), .ignored),
        ConfigurationKey("max_number_of_forwarders_spawned", .integer(), .ignored),
        ConfigurationKey("use_all_forwarders", .boolean, .ignored),
        ConfigurationKey("sender_sends_full_images", .boolean, .ignored),
        ConfigurationKey("gpfs_block_size", .integer(), .ignored),
        ConfigurationKey("module_sync_queue_size", .integer(), .ignored),
        ConfigurationKey("number_of_writers", .integer(), .ignored),
        ConfigurationKey("delay_filter_timeout", .integer(), .ignored),
        ConfigurationKey("switch_user_active", .boolean, .ignored),
        ConfigurationKey("writer_user_id", .integer(), .ignored),
        ConfigurationKey("submodule_info", .collection, .ignored),
        ConfigurationKey("deactivate", .collection, .ignored),
        ConfigurationKey("$schema", .text, .ignored),
    ]
}

extension ConfigurationKey.Kind {
    /// What a message calls a right value.
    var expectation: String {
        switch self {
        case .integer(nil): "an integer"
        case .integer(let range?): "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
        case .boolean: "true or false"
        case .text: "a text"
        case .choice(let choices): choices.map(\.debugDescription).joined(separator: choices.count == 2 ? " or " : ", ")
        case .integers(let range): "an array of integers from \(range.lowerBound) to \(range.upperBound)"
        case .texts: "an array of texts"
        case .pixelValue: "a number, \"nan\" or \"default\""
        case .positions: "an object of module positions, such as {\"0\": [0, 0, 1023, 511]}"
        case .group: "an object"
        case .list: "an array of objects"
        case .liveStreams: "an object of live streams, such as {\"tcp://*:9001\": {\"type\": \"periodic\", \"config\": [1, 10]}}"
        case .collection: "an object or an array"
        }
    }
}
