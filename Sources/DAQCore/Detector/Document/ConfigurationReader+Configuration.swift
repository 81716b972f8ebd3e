extension ConfigurationReader {
    /// The configuration that the values describe; a key that could not be read has its default or a placeholder.
    ///
    /// - Parameter folder: what relative paths begin at.
    mutating func configuration(folder: String) -> DetectorConfiguration {
        var configuration = DetectorConfiguration(
            name: text("detector_name") ?? "", type: choice("detector_type") ?? .eiger, moduleCount: integer("n_modules") ?? 1,
            bitDepth: integer("bit_depth") ?? 16, imageWidth: integer("image_pixel_width") ?? 1,
            imageHeight: integer("image_pixel_height") ?? 1, startUDPPort: integer("start_udp_port") ?? 1,
            modulePositions: positions("module_positions") ?? [:])
        readLayout(into: &configuration)
        readIdentity(into: &configuration)
        assign(&configuration.payloadBytes, integer("payload_bytes"))
        assign(&configuration.missingValue, pixelValue("missing_value"))
        assign(&configuration.gapValue, pixelValue("gap_value"))
        assign(&configuration.bindAddress, text("bind"))
        configuration.multicastGroup = text("multicast")
        configuration.source = source
        readRing(into: &configuration.ring)
        readReceive(into: &configuration.receive)
        readCalibration(into: &configuration.calibration, folder: folder)
        readExperiment(into: &configuration.experiment)
        readWriter(into: &configuration.writer, folder: folder)
        configuration.liveStreams = streams(of: configuration.name)
        readForwarding(into: &configuration, folder: folder)
        return configuration
    }

    private var source: SourceConfiguration? {
        guard let format: SourceConfiguration.Format = choice("source.format"),
            let address = text("source.address") ?? (format == .stdDAQ ? text("detector_name") : nil)
        else { return nil }
        var source = SourceConfiguration(address: address, format: format, pattern: choice("source.pattern"))
        assign(&source.connections, integer("source.connections"))
        source.channel = text("source.channel")
        source.pixelType = choice("source.pixel_type")
        source.slots = integer("source.slots")
        return source
    }

    private mutating func readLayout(into configuration: inout DetectorConfiguration) {
        assign(&configuration.udpInterfaces, integer("udp_interfaces"))
        assign(&configuration.gapPixels, boolean("gap_pixels"))
        configuration.readRows = integer("read_rows")
        if let rows = integer("module_grid.rows"), let columns = integer("module_grid.columns") {
            configuration.moduleGrid = ModuleGrid(rows: rows, columns: columns)
        }
        guard let name = text("geometry") else { return }
        configuration.geometry = PublishedGeometry(name: name)
        guard let geometry = configuration.geometry else {
            let known = PublishedGeometry.names.filter { $0.lowercased() == name.lowercased() }
            return report(
                ConfigurationProblem(
                    .impossibleValue, at: "geometry", expected: "the name of a published layout", found: name.debugDescription,
                    hint: "known are: " + (known.isEmpty ? PublishedGeometry.names : known).joined(separator: ", ")),
                making: "geometry")
        }
        let size = geometry.size(gapPixels: configuration.gapPixels)
        if integer("image_pixel_width") == nil { configuration.imageWidth = size.width }
        if integer("image_pixel_height") == nil { configuration.imageHeight = size.height }
    }

    private func readIdentity(into configuration: inout DetectorConfiguration) {
        if text("image_id") == "bunch_id" {
            configuration.imageID = text("bunch_id_format") == "float64" ? .bunchIDFloat64 : .bunchID
        }
        // Ranges are checked later; what does not fit here is out of range there.
        assign(&configuration.imageIDStep, integer("image_id_step").map { UInt64(clamping: $0) })
        assign(&configuration.maxIDGap, integer("max_id_gap").map { UInt64(clamping: $0) })
        if let seconds = number("sync_timeout") {
            configuration.syncTimeout = UInt64((min(max(seconds, 0), 1_000_000) * 1_000_000_000).rounded())
        }
        assign(&configuration.incomplete, choice("incomplete"))
    }

    private mutating func readRing(into ring: inout RingConfiguration) {
        ring.content = choice("ring.content")
        assign(&ring.layout, choice("ring.layout"))
        assign(&ring.isShared, boolean("ring.shared"))
        ring.name = text("ring.name")
        assign(&ring.budgetBytes, integer("ring.bytes"))
        readWait(into: &ring)
        guard let gigabytes = integer("ram_buffer_gb"), let kind = ConfigurationKey.named("ram_buffer_gb")?.kind else { return }
        // The configuration only keeps bytes, so the range of this key is checked here.
        guard case .integer(let range?) = kind, range.contains(gigabytes) else {
            return report(
                ConfigurationProblem(.impossibleValue, at: "ram_buffer_gb", expected: kind.expectation, found: "\(gigabytes)"),
                making: "ram_buffer_gb")
        }
        if ring.budgetBytes == 0 { ring.budgetBytes = gigabytes << 30 }
    }

    private mutating func readWait(into ring: inout RingConfiguration) {
        guard let seconds = number("ring.wait"), let kind = ConfigurationKey.named("ring.wait")?.kind else { return }
        // A time below 0, which is no time to wait, could not be told from 0 later.
        guard case .number(let range) = kind, range.contains(seconds) else {
            return report(
                ConfigurationProblem(.impossibleValue, at: "ring.wait", expected: kind.expectation, found: "\(seconds)"),
                making: "ring.wait")
        }
        ring.wait = UInt64((seconds * 1_000_000_000).rounded())
    }

    private func readReceive(into receive: inout ReceiveConfiguration) {
        assign(&receive.threads, integer("receive.threads"))
        assign(&receive.batch, integer("receive.batch"))
        assign(&receive.window, integer("receive.window"))
        assign(&receive.socketBufferBytes, integer("receive.socket_buffer"))
        assign(&receive.cpus, integers("receive.cpus"))
        assign(&receive.busyPollMicroseconds, integer("receive.busy_poll"))
        assign(&receive.joinsDatagrams, boolean("receive.gro"))
    }

    private func readCalibration(into calibration: inout CalibrationConfiguration, folder: String) {
        func path(_ key: String) -> String? { text(key).map { Self.resolve($0, in: folder) } }
        calibration.pedestal = path("calibration.pedestal")
        calibration.mask = path("calibration.mask")
        // One binary map a module may be listed.
        calibration.gain = text("calibration.gain")?.split(separator: ",", omittingEmptySubsequences: false)
            .map { Self.resolve(String($0), in: folder) }.joined(separator: ",")
        assign(&calibration.invalidGain, choice("calibration.invalid_gain"))
        assign(&calibration.maskedValue, pixelValue("calibration.masked_value"))
        assign(&calibration.highGain, boolean("calibration.high_gain"))
        calibration.factor = number("calibration.factor")
        assign(&calibration.doublePixels, choice("calibration.double_pixels"))
        assign(&calibration.moduleEdges, choice("calibration.module_edges"))
    }

    private func readWriter(into writer: inout WriterConfiguration, folder: String) {
        assign(&writer.format, choice("writer.format"))
        assign(&writer.mode, choice("writer.file_mode"))
        assign(&writer.compression, choice("writer.compression"))
        writer.imagesPerFile = integer("writer.images_per_file")
        writer.bytesPerFile = integer("writer.bytes_per_file")
        assign(&writer.secondsPerFile, number("writer.seconds_per_file"))
        assign(&writer.bypassesPageCache, boolean("writer.direct_io"))
        assign(&writer.roots, texts("writer.roots")?.map { Self.resolve($0, in: folder) })
        writer.owner = text("writer.owner")
        writer.group = text("writer.group")
        writer.permissions = text("writer.permissions")
    }

    private func readExperiment(into experiment: inout Experiment) {
        experiment.sampleName = text("experiment.sample_name")
        experiment.sourceName = text("experiment.source_name")
        experiment.instrumentName = text("experiment.instrument_name")
        experiment.wavelength = number("experiment.incident_wavelength")
        experiment.distance = number("experiment.distance")
        experiment.beamCenterX = number("experiment.beam_center_x")
        experiment.beamCenterY = number("experiment.beam_center_y")
        experiment.pixelSize = number("experiment.pixel_size")
        experiment.sensorMaterial = text("experiment.sensor_material")
        experiment.sensorThickness = number("experiment.sensor_thickness")
        experiment.countTime = number("experiment.count_time")
        experiment.frameTime = number("experiment.frame_time")
        experiment.saturationValue = number("experiment.saturation_value")
    }

    func choice<Choice: RawRepresentable<String>>(_ path: String) -> Choice? {
        text(path).flatMap(Choice.init(rawValue:))
    }

    func assign<Value>(_ target: inout Value, _ value: Value?) {
        if let value { target = value }
    }

    /// A path as seen from the folder of the document.
    static func resolve(_ path: String, in folder: String) -> String {
        path.isEmpty || path.hasPrefix("/") || folder.isEmpty ? path : folder.hasSuffix("/") ? folder + path : folder + "/" + path
    }
}
