import DAQCore

extension FuzzTarget {
    /// A configuration document of any bytes.
    package static let configuration = FuzzTarget(name: "configuration", maximumBytes: 8192) { bytes in
        Configurations.check(json: Array(bytes), overrides: [])
    } seeds: {
        Configurations.documents.map { ($0.name, Array($0.text.utf8)) }
    }

    /// Overrides of any text, one a line, for a valid document that the first byte chooses.
    package static let overrides = FuzzTarget(name: "overrides", maximumBytes: 1024) { bytes in
        var input = FuzzInput(bytes)
        let document = Configurations.documents[input.number(below: Configurations.documents.count)]
        let text = String(decoding: input.rest(), as: UTF8.self)
        let overrides = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        Configurations.check(json: Array(document.text.utf8), overrides: overrides)
    } seeds: {
        let texts = [
            "ring.content=raw", "receive.threads=2\nreceive.window=8", "ring.bytes=100000000", "sync_timeout=0.25", "bit_depth=8",
            "calibration.factor=12.4\ncalibration.masked_value=\"nan\"", "module_positions.0=[0,0,1023,511]", "geometry=JF06T08",
            "gap_value=-1", "detector_name=a=b", "receive.cpus=[0,1]",
        ]
        return texts.enumerated().map { ("override-\($0)", [UInt8($0 % 3)] + Array($1.utf8)) }
    }
}

/// Documents to begin with, and what must hold for all of them.
enum Configurations {
    /// What is read is valid and can be built; what is not is refused with reasons.
    static func check(json: [UInt8], overrides: [String]) {
        let configuration: DetectorConfiguration
        do {
            configuration = try ConfigurationDocument(json: json, overrides: overrides).configuration
        } catch {
            require(!error.problems.isEmpty && !error.description.isEmpty, "refused without a reason")
            return
        }
        require(configuration.validate().isEmpty, "a read configuration is not valid: \(configuration.validate())")
        let streams = configuration.placedStreams
        require(streams.isEmpty == (configuration.source != nil), "a configuration without packets or a stream was accepted")
        for stream in streams {
            require((1...65535).contains(stream.udpPort), "stream \(stream.number) has port \(stream.udpPort)")
            _ = configuration.packetFormat(of: stream)
        }
        do {
            let bytes = try ImageAssembler.slotBytes(for: configuration)
            require(bytes >= configuration.imageFormat.bytes, "slots of \(bytes) bytes are too small")
            require(
                MemoryPlan(configuration, slotBytes: bytes).slotCount >= 0, "the memory plan has a negative number of slots")
        } catch {
            require(false, "a valid configuration has no geometry: \(error)")
        }
    }

    static let documents: [(name: String, text: String)] = [
        (
            "jungfrau",
            """
            {"detector_name": "JF07T02V01", "detector_type": "jungfrau-raw", "n_modules": 2, "bit_depth": 16,
             "image_pixel_height": 1024, "image_pixel_width": 1024, "start_udp_port": 50000, "sync_timeout": 0.5,
             "module_positions": {"0": [0, 0, 1023, 511], "1": [0, 512, 1023, 1023]}, "incomplete": "drop",
             "image_id": "bunch_id", "bunch_id_format": "float64", "receive": {"window": 4, "cpus": [0, 1], "threads": 2},
             "ring": {"bytes": 100000000, "content": "raw"}, "missing_value": -1, "bind": "127.0.0.1"}
            """
        ),
        (
            "eiger",
            """
            {"detector_name": "eiger", "detector_type": "eiger", "n_modules": 2, "bit_depth": 32, "image_pixel_height": 256,
             "image_pixel_width": 1030, "start_udp_port": 50020, "payload_bytes": 1024, "ram_buffer_gb": 1, "gap_value": 0,
             "module_positions": {"0": [0, 0, 513, 255], "1": [516, 255, 1029, 0]}, "multicast": "239.0.0.1"}
            """
        ),
        (
            "strips",
            """
            {"detector_name": "JF05T01", "detector_type": "jungfrau-converted", "n_modules": 1, "bit_depth": 16,
             "image_pixel_height": 514, "image_pixel_width": 1030, "start_udp_port": 50000, "read_rows": 256,
             "module_positions": {"0": [0, 0, 1029, 513]}, "udp_interfaces": 2, "module_grid": [2, 1], "image_id_step": 10,
             "max_id_gap": 100, "calibration": {"factor": 12.4, "masked_value": "nan", "pedestal": "p.h5", "gain": "g.bin",
             "double_pixels": "keep", "invalid_gain": "mask"}, "text": "\\u00e9 \\ud83d\\ude00 \\n", "list": [1e3, -0.5, null]}
            """
        ),
        (
            "moench",
            """
            {"detector_name": "moench", "detector_type": "moench", "n_modules": 1, "bit_depth": 16, "image_pixel_height": 400,
             "image_pixel_width": 400, "start_udp_port": 50001, "module_positions": {"0": [0, 0, 399, 399]}}
            """
        ),
        (
            "camera",
            """
            {"detector_name": "camera", "detector_type": "pco", "bit_depth": 16, "image_pixel_height": 40, "image_pixel_width": 50,
             "source": {"address": "tcp://camera:9999", "format": "bsread", "pattern": "pull", "connections": 4, "channel": "A",
             "pixel_type": "int16"}}
            """
        ),
    ]
}
