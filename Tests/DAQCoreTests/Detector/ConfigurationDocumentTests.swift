import DAQCore
import Foundation
import Testing

@Suite("Configuration document")
struct ConfigurationDocumentTests {
    @Test("An EIGER 9M configuration of std-daq loads unchanged and without a warning")
    func eiger9M() throws {
        var text = DocumentText.eiger9M
        text["log_level"] = "\"debug\""
        text["stats_collection_period"] = "10"
        text["max_number_of_forwarders_spawned"] = "8"
        text["use_all_forwarders"] = "false"
        text["sender_sends_full_images"] = "false"
        text["gpfs_block_size"] = "16777216"
        text["module_sync_queue_size"] = "4096"
        text["number_of_writers"] = "14"
        text["ram_buffer_gb"] = "200"
        text["delay_filter_timeout"] = "10"
        text["switch_user_active"] = "true"
        text["live_stream_configs"] = #"{"tcp://0.0.0.0:9001": {"type": "periodic", "config": [1, 5]}}"#
        text["writer_user_id"] = "-1"
        text["submodule_info"] = #"[{"hostname": "beb101", "submodule": 0, "port": 0, "row": 0, "column": 0, "activate": true}]"#
        text["deactivate"] = "[62, 63, 66, 67]"
        let document = try text.read(strict: true)
        #expect(document.warnings.isEmpty)
        let configuration = document.configuration
        #expect(configuration.name == "EG9M")
        #expect(configuration.streamCount == 72)
        #expect(configuration.placedStreams.count == 68)
        #expect(configuration.streams.last?.udpPort == 50_091)
        #expect(configuration.modulePositions[2] == ModulePosition(xStart: 0, yStart: 3005, xEnd: 513, yEnd: 2750))
        #expect(configuration.modulePositions[62] == nil)
        #expect(configuration.imageFormat == ImageFormat(width: 3106, height: 3264, pixelType: .uint32))
        #expect(configuration.ring.budgetBytes == 200 << 30)
        #expect(
            configuration.liveStreams == [StreamConfiguration(.array10, address: "tcp://0.0.0.0:9001", selection: .hertz(5))])
    }

    @Test(
        "The configuration of a recorded EIGER 9M loads",
        .enabled(if: ProcessInfo.processInfo.environment["DAQ_TEST_DATA"] != nil, "DAQ_TEST_DATA names no recordings"))
    func recordedEiger9M() throws {
        let folder = try #require(ProcessInfo.processInfo.environment["DAQ_TEST_DATA"])
        let document = try ConfigurationDocument(contentsOf: folder + "/eiger9m/eiger9m.json", strict: true)
        #expect(document.warnings.isEmpty)
        #expect(document.configuration.modulePositions == (try DocumentText.eiger9M.read().configuration.modulePositions))
    }

    @Test("A JUNGFRAU configuration of std-daq that converts loads, and says that a calibration is missing")
    func convertedWithoutCalibration() throws {
        let document = try DocumentText.jungfrau.with("detector_type", "\"jungfrau-converted\"").read(strict: true)
        #expect(document.configuration.requiresCalibration)
        #expect(document.configuration.imagePixelType == .float32)
        let warning = try #require(document.warnings.first)
        #expect(warning.path == "calibration.pedestal")
        #expect(warning.description.contains("calibration.pedestal and calibration.gain"))
        #expect(document.configuration.missingCalibration != nil)

        let raw = try DocumentText.jungfrau.read()
        #expect(raw.warnings.isEmpty)
        #expect(!raw.configuration.requiresCalibration)
        #expect(raw.configuration.imagePixelType == .uint16)
    }

    @Test("Both files make a calibration complete, and paths are relative to the document")
    func calibrationPaths() throws {
        let text = DocumentText.jungfrau.with("detector_type", "\"jungfrau-converted\"")
            .with("calibration", #"{"pedestal": "dark/p.h5", "gain": "M1.bin,/abs/M2.bin", "factor": 12.4}"#)
        let document = try ConfigurationDocument(json: text.text.utf8, folder: "/etc/daq")
        #expect(document.warnings.isEmpty)
        #expect(document.configuration.missingCalibration == nil)
        #expect(document.configuration.calibration.pedestal == "/etc/daq/dark/p.h5")
        #expect(document.configuration.calibration.gain == "/etc/daq/M1.bin,/abs/M2.bin")
        #expect(document.configuration.imagePixelType == .int32)
    }

    @Test("Every key of our own reaches the configuration")
    func ownKeys() throws {
        var text = DocumentText.jungfrau.with("detector_type", "\"jungfrau-converted\"")
        text["udp_interfaces"] = "2"
        text["module_grid"] = #"{"rows": 4, "columns": 1}"#
        text["gap_pixels"] = "false"
        text["payload_bytes"] = "8192"
        text["read_rows"] = "256"
        text["image_id"] = "\"bunch_id\""
        text["bunch_id_format"] = "\"float64\""
        text["image_id_step"] = "4"
        text["max_id_gap"] = "500"
        text["sync_timeout"] = "0.25"
        text["incomplete"] = "\"drop\""
        text["missing_value"] = "-1"
        text["gap_value"] = "\"nan\""
        text["bind"] = "\"10.1.2.3\""
        text["multicast"] = "\"239.0.0.1\""
        text["ring"] = #"{"content": "corrected", "bytes": 200000000, "layout": "native"}"#
        text["receive"] = """
            {"threads": 2, "batch": 128, "window": 8, "socket_buffer": 1000000, "cpus": [2, 3], "busy_poll": 50, "gro": true}
            """
        text["calibration"] = """
            {"pedestal": "p.h5", "gain": "g.h5", "mask": "m.h5", "invalid_gain": "third-stage", "masked_value": 0,
             "high_gain": true, "double_pixels": "mask", "module_edges": "mask"}
            """
        let read = try text.read(strict: true).configuration

        var expected = DetectorConfiguration(
            name: "JF07T02V01", type: .jungfrauConverted, moduleCount: 2, bitDepth: 16, imageWidth: 1024, imageHeight: 1024,
            startUDPPort: 50_000,
            modulePositions: [
                0: ModulePosition(xStart: 0, yStart: 0, xEnd: 1023, yEnd: 511),
                1: ModulePosition(xStart: 0, yStart: 512, xEnd: 1023, yEnd: 1023),
            ])
        expected.udpInterfaces = 2
        expected.moduleGrid = ModuleGrid(rows: 4, columns: 1)
        expected.gapPixels = false
        expected.readRows = 256
        expected.imageID = .bunchIDFloat64
        expected.imageIDStep = 4
        expected.maxIDGap = 500
        expected.syncTimeout = 250_000_000
        expected.incomplete = .drop
        expected.missingValue = .number(-1)
        expected.gapValue = .notANumber
        expected.bindAddress = "10.1.2.3"
        expected.multicastGroup = "239.0.0.1"
        expected.ring.content = .corrected
        expected.ring.budgetBytes = 200_000_000
        expected.receive.threads = 2
        expected.receive.batch = 128
        expected.receive.window = 8
        expected.receive.socketBufferBytes = 1_000_000
        expected.receive.cpus = [2, 3]
        expected.receive.busyPollMicroseconds = 50
        expected.receive.joinsDatagrams = true
        expected.calibration.pedestal = "p.h5"
        expected.calibration.gain = "g.h5"
        expected.calibration.mask = "m.h5"
        expected.calibration.invalidGain = .thirdStage
        expected.calibration.maskedValue = .number(0)
        expected.calibration.highGain = true
        expected.calibration.doublePixels = .mask
        expected.calibration.moduleEdges = .mask
        #expect(read == expected)
    }

    @Test("Flips and rotations of modules, for every supported type")
    func positions() throws {
        let turned = DocumentText.jungfrau.with("image_pixel_width", "1030").with("image_pixel_height", "2060")
            .with("module_positions", #"{"0": [513, 0, 0, 1029, 90], "1": [0, 2059, 513, 1030, 270]}"#)
        let configuration = try turned.read(strict: true).configuration
        #expect(configuration.modulePositions[0] == ModulePosition(xStart: 513, yStart: 0, xEnd: 0, yEnd: 1029, rotation: 1))
        #expect(configuration.modulePositions[1]?.rotation == 3)

        #expect(DocumentText.moench.with("module_positions", #"{"0": [399, 399, 0, 0, 180]}"#).problems() == [])
        #expect(DocumentText.eiger.problems() == [])
        #expect(DocumentText.eiger.with("payload_bytes", "1024").problems() == [])
    }

    @Test("A published layout gives positions and size", arguments: PublishedGeometry.names)
    func publishedLayout(name: String) throws {
        let layout = try #require(PublishedGeometry(name: name))
        let text = DocumentText.jungfrau.with("geometry", "\"\(name)\"").with("n_modules", "\(layout.moduleCount)")
            .with("module_positions", "{}").with("image_pixel_width", nil).with("image_pixel_height", nil)
        let configuration = try text.read(strict: true).configuration
        let size = layout.size(gapPixels: true)
        #expect(configuration.imageFormat == ImageFormat(width: size.width, height: size.height, pixelType: .uint16))
        #expect(configuration.placedStreams.count == layout.moduleCount)
        #expect(text.with("module_positions", nil).problems() == [])
        #expect(text.with("image_pixel_width", "\(size.width)").problems() == [])
        #expect(text.with("image_pixel_width", "\(size.width + 1)").problems().map(\.path) == ["image_pixel_width"])
        #expect(text.with("n_modules", "\(layout.moduleCount + 1)").problems().map(\.path) == ["n_modules"])
        #expect(
            text.with("module_positions", #"{"0": [0, 0, 1023, 511]}"#).problems().map(\.path) == ["module_positions"])
    }

    @Test("A partial read-out may have the place of the whole module or of its rows", arguments: ["511", "127"])
    func partialReadOut(last: String) {
        let text = DocumentText.jungfrau.with("n_modules", "1").with("read_rows", "128")
            .with("module_positions", "{\"0\": [0, 0, 1023, \(last)]}")
        #expect(text.problems() == [])
    }

    @Test("A number that is an integer may be written with a point; a fraction may not")
    func exactIntegers() throws {
        #expect(try DocumentText.jungfrau.with("image_id_step", "471.0").read().configuration.imageIDStep == 471)
        #expect(try DocumentText.jungfrau.with("image_id_step", "1e3").read().configuration.imageIDStep == 1000)
        #expect(DocumentText.jungfrau.with("image_id_step", "1.5").problems().map(\.kind) == [.impossibleValue])
        // 2^53 + 1 is not a Double, yet it must not be rounded into range.
        #expect(DocumentText.jungfrau.with("max_id_gap", "9007199254740993").problems().map(\.path) == ["max_id_gap"])
        #expect(DocumentText.jungfrau.with("sync_timeout", "1e999").problems().map(\.path) == ["sync_timeout"])
    }

    @Test("Detectors that cannot be received are recognised and refused", arguments: ["gigafrost"])
    func unsupportedDetectors(type: String) throws {
        let text = DocumentText.jungfrau.with("detector_type", "\"\(type)\"").with("module_positions", "{}")
        let problem = try #require(text.problems().first)
        #expect(text.problems().count == 1)
        #expect(problem.kind == .unsupported)
        #expect(problem.description.contains("this version knows \(type) detectors but cannot receive them"))
    }
}
