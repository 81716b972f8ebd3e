/// Checks what a configuration says, rule by rule, and collects everything that cannot be.
///
/// A rule is left out when a value it needs is known to be wrong, so that one mistake is reported once.
struct ConfigurationValidator {
    /// What is checked; values out of their range are replaced as soon as they are reported.
    private(set) var configuration: DetectorConfiguration
    /// Keys whose value is wrong or not known.
    private var broken: Set<String>
    /// What was found so far.
    private(set) var problems: [ConfigurationProblem] = []

    /// Checks a configuration.
    ///
    /// - Parameter unreadable: keys whose value in `configuration` is only a placeholder.
    init(_ configuration: DetectorConfiguration, unreadable: Set<String>) {
        self.configuration = configuration
        broken = unreadable
        checkRanges()
        checkNames()
        checkForwarding()
        checkWriter()
        checkType()
        // The other rules say what supported detectors do.
        guard configuration.type.isSupported else { return }
        checkSource()
        if !configuration.type.sendsImages { checkPackets() }
        checkCorrection()
        checkPixelValues()
        checkMemory()
        checkStreams()
    }

    /// What only detectors that send packets have.
    private mutating func checkPackets() {
        checkDetector()
        checkNetwork()
        checkGrid()
        checkLayout()
    }

    /// Whether the values of these keys can be relied on.
    func isSound(_ keys: String...) -> Bool { broken.isDisjoint(with: keys) }

    /// Notes a problem; rules that need the key are not checked any more.
    mutating func report(
        _ kind: ConfigurationProblem.Kind = .impossibleValue, at path: ConfigurationPath, expected: String, found: String,
        hint: String? = nil
    ) {
        problems.append(ConfigurationProblem(kind, at: path, expected: expected, found: found, hint: hint))
        // What is wrong inside of a value spoils the value; what is wrong inside of a group spoils one key of it.
        guard case .key(let key)? = path.steps.first else { return }
        if ConfigurationKey.named(key)?.kind == .group, path.steps.count > 1, case .key(let member) = path.steps[1] {
            broken.insert("\(key).\(member)")
        } else {
            broken.insert(key)
        }
    }

    // MARK: Single values

    private mutating func checkRanges() {
        check("n_modules", \.moduleCount)
        check("bit_depth", \.bitDepth)
        check("image_pixel_height", \.imageHeight)
        check("image_pixel_width", \.imageWidth)
        check("start_udp_port", \.startUDPPort)
        check("udp_interfaces", \.udpInterfaces)
        if configuration.type.isSupported, !configuration.type.sendsImages { check("payload_bytes", \.payloadBytes) }
        check("read_rows", \.readRows)
        if configuration.moduleGrid != nil {
            check("module_grid.rows", \.grid.rows)
            check("module_grid.columns", \.grid.columns)
        }
        check("image_id_step", Int(clamping: configuration.imageIDStep))
        check("max_id_gap", Int(clamping: configuration.maxIDGap))
        check("sync_timeout", Double(configuration.syncTimeout) / 1_000_000_000)
        check("ring.wait", Double(configuration.ring.wait) / 1_000_000_000)
        check("source.connections", \.connections)
        check("source.slots", \.slots)
        check("ring.bytes", \.ring.budgetBytes)
        check("receive.threads", \.receive.threads)
        check("receive.batch", \.receive.batch)
        check("receive.window", \.receive.window)
        check("receive.socket_buffer", \.receive.socketBufferBytes)
        check("receive.busy_poll", \.receive.busyPollMicroseconds)
        check("writer.images_per_file", \.writer.imagesPerFile)
        check("writer.bytes_per_file", \.writer.bytesPerFile)
        check("writer.seconds_per_file", configuration.writer.secondsPerFile)
        if let factor = configuration.calibration.factor { check("calibration.factor", factor) }
        checkExperiment()
        guard case .integers(let range)? = ConfigurationKey.named("receive.cpus")?.kind else { return }
        for (index, processor) in configuration.receive.cpus.enumerated() where !range.contains(processor) {
            report(
                at: ConfigurationPath("receive.cpus")[index], expected: "a processor number from 0 to \(range.upperBound)",
                found: "\(processor)")
        }
    }

    private mutating func checkExperiment() {
        let experiment = configuration.experiment
        let numbers = [
            "incident_wavelength": experiment.wavelength, "distance": experiment.distance,
            "beam_center_x": experiment.beamCenterX, "beam_center_y": experiment.beamCenterY,
            "pixel_size": experiment.pixelSize, "sensor_thickness": experiment.sensorThickness,
            "count_time": experiment.countTime, "frame_time": experiment.frameTime,
            "saturation_value": experiment.saturationValue,
        ]
        for (name, value) in numbers.sorted(by: { $0.key < $1.key }) {
            if let value { check("experiment.\(name)", value) }
        }
    }

    /// Checks an integer; one that is out of range is replaced in this copy, so that no rule below can overflow.
    private mutating func check(_ key: String, _ property: WritableKeyPath<DetectorConfiguration, Int>) {
        let value = configuration[keyPath: property]
        if let range = check(key, value) {
            configuration[keyPath: property] = min(max(value, range.lowerBound), range.upperBound)
        }
    }

    private mutating func check(_ key: String, _ property: WritableKeyPath<DetectorConfiguration, Int?>) {
        guard let value = configuration[keyPath: property] else { return }
        if let range = check(key, value) {
            configuration[keyPath: property] = min(max(value, range.lowerBound), range.upperBound)
        }
    }

    @discardableResult
    private mutating func check(_ key: String, _ value: Int) -> ClosedRange<Int>? {
        guard let kind = ConfigurationKey.named(key)?.kind, case .integer(let range?) = kind, !range.contains(value) else {
            return nil
        }
        reportRange(key, kind, "\(value)")
        return range
    }

    private mutating func check(_ key: String, _ value: Double) {
        guard let kind = ConfigurationKey.named(key)?.kind, case .number(let range) = kind, !range.contains(value) else { return }
        reportRange(key, kind, "\(value)")
    }

    private mutating func reportRange(_ key: String, _ kind: ConfigurationKey.Kind, _ found: String) {
        guard broken.insert(key).inserted else { return }
        problems.append(
            ConfigurationProblem(.impossibleValue, at: ConfigurationPath(key), expected: kind.expectation, found: found))
    }

    private mutating func checkNames() {
        if isSound("ring.name"), let name = configuration.ring.name, !RingConfiguration.isName(name) {
            report(
                at: "ring.name", expected: "1 to 200 bytes without spaces, slashes and control characters",
                found: name.utf8.count <= 200 ? name.debugDescription : "\(name.utf8.count) bytes")
        }
        guard isSound("detector_name") else { return }
        let name = configuration.name
        // The name becomes part of the names of shared memory and files.
        let isUsable =
            !name.isEmpty && name.utf8.count <= 200 && !name.hasPrefix(".")
            && name.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F && $0 != "/" }
        guard !isUsable else { return }
        report(
            at: "detector_name",
            expected: "1 to 200 bytes without spaces, slashes and control characters, not beginning with a dot",
            found: name.utf8.count <= 200 ? name.debugDescription : "\(name.utf8.count) bytes")
    }

    private mutating func checkType() {
        guard isSound("detector_type"), !configuration.type.isSupported else { return }
        report(
            .unsupported, at: "detector_type",
            expected: DetectorType.allCases.filter(\.isSupported).map(\.rawValue.debugDescription).joined(separator: ", "),
            found: configuration.type.rawValue.debugDescription,
            hint: "this version knows \(configuration.type.rawValue) detectors but cannot receive them")
    }
}

extension DetectorConfiguration {
    /// The grid, for key paths; only used when there is one.
    fileprivate var grid: ModuleGrid {
        get { moduleGrid ?? ModuleGrid(rows: 1, columns: 1) }
        set { moduleGrid = newValue }
    }

    /// The connections of the source, for key paths; only used when there is one.
    fileprivate var connections: Int {
        get { source?.connections ?? 1 }
        set { source?.connections = newValue }
    }

    /// The slots of the source, for key paths.
    fileprivate var slots: Int? {
        get { source?.slots }
        set { source?.slots = newValue }
    }

    /// More UDP streams than this are refused.
    public static let maximumStreamCount = 256
    /// Wider or higher images are refused.
    public static let maximumImageSide = 65_536

    /// Checks every rule.
    ///
    /// - Returns: everything that is wrong; empty for a configuration that can be used.
    public func validate() -> [ConfigurationProblem] { problems(ignoring: []) }

    /// Checks every rule that does not need the values of some keys.
    func problems(ignoring unreadable: Set<String>) -> [ConfigurationProblem] {
        ConfigurationValidator(self, unreadable: unreadable).problems
    }

    /// What is odd but not wrong: settings without effect, and a calibration that is needed before a run.
    public var warnings: [ConfigurationProblem] {
        var warnings: [ConfigurationProblem] = []
        if let missingCalibration { warnings.append(missingCalibration) }
        if type.isSupported, !type.isJungfrau, calibration != CalibrationConfiguration() {
            warnings.append(
                ConfigurationProblem(
                    .unsupported, at: "calibration", expected: "a calibration only for JUNGFRAU",
                    found: "one for \(type.rawValue)", hint: "it has no effect"))
        }
        return warnings + writer.warnings
    }
}
