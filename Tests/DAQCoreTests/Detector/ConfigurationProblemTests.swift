import DAQCore
import Testing

@Suite("Problems of a configuration")
struct ConfigurationProblemTests {
    /// A change of a good document and the one problem it must give.
    struct Mistake: CustomTestStringConvertible, Sendable {
        var base = DocumentText.jungfrau
        let key: String
        let json: String?
        let kind: ConfigurationProblem.Kind
        let path: String
        var says = ""

        var testDescription: String { "\(key) = \((json ?? "nothing").prefix(50))" }
    }

    static let corrected = DocumentText.jungfrau.with("detector_type", "\"jungfrau-converted\"")
    static let converted = #"{"pedestal": "p", "gain": "g", "#

    static let mistakes: [Mistake] = [
        // Mandatory keys and types.
        Mistake(key: "detector_name", json: nil, kind: .missingKey, path: "detector_name"),
        Mistake(key: "n_modules", json: nil, kind: .missingKey, path: "n_modules"),
        Mistake(key: "image_pixel_width", json: nil, kind: .missingKey, path: "image_pixel_width", says: "geometry"),
        Mistake(key: "module_positions", json: nil, kind: .missingKey, path: "module_positions"),
        Mistake(key: "n_modules", json: "\"2\"", kind: .wrongType, path: "n_modules", says: "without quotes"),
        Mistake(key: "n_modules", json: "null", kind: .wrongType, path: "n_modules"),
        Mistake(key: "n_modules", json: "99999999999999999999", kind: .impossibleValue, path: "n_modules"),
        Mistake(key: "n_modules", json: "0", kind: .impossibleValue, path: "n_modules", says: "1 to 256"),
        Mistake(key: "gap_pixels", json: "1", kind: .wrongType, path: "gap_pixels", says: "true or false"),
        Mistake(key: "log_level", json: "3", kind: .wrongType, path: "log_level"),
        Mistake(key: "live_stream_configs", json: "\"x\"", kind: .wrongType, path: "live_stream_configs"),
        Mistake(key: "ring", json: "[]", kind: .wrongType, path: "ring", says: "an array of 0"),
        Mistake(key: "bind", json: "\"10.0.0.1\\u0000\"", kind: .impossibleValue, path: "bind", says: "NUL"),
        Mistake(key: "detector_type", json: "\"pilatus\"", kind: .impossibleValue, path: "detector_type", says: "\"moench\""),
        Mistake(key: "geometry", json: "\"JF99T99\"", kind: .impossibleValue, path: "geometry", says: "published layout"),
        Mistake(key: "detector_name", json: "\"a/b\"", kind: .impossibleValue, path: "detector_name"),
        Mistake(key: "detector_name", json: "\"\"", kind: .impossibleValue, path: "detector_name"),
        // What a detector sends.
        Mistake(key: "bit_depth", json: "32", kind: .impossibleValue, path: "bit_depth", says: "16 for jungfrau-raw"),
        Mistake(base: .eiger, key: "bit_depth", json: "12", kind: .impossibleValue, path: "bit_depth", says: "8 or 16 or 32"),
        Mistake(base: .eiger, key: "payload_bytes", json: "2048", kind: .impossibleValue, path: "payload_bytes"),
        Mistake(base: .moench, key: "payload_bytes", json: "1024", kind: .impossibleValue, path: "payload_bytes", says: "6400"),
        Mistake(base: .eiger, key: "udp_interfaces", json: "2", kind: .impossibleValue, path: "udp_interfaces"),
        Mistake(key: "udp_interfaces", json: "3", kind: .impossibleValue, path: "udp_interfaces"),
        Mistake(key: "read_rows", json: "12", kind: .impossibleValue, path: "read_rows", says: "steps of 8"),
        Mistake(base: .moench, key: "read_rows", json: "408", kind: .impossibleValue, path: "read_rows", says: "400"),
        Mistake(base: .eiger, key: "read_rows", json: "128", kind: .unsupported, path: "read_rows", says: "not published"),
        // Network.
        Mistake(key: "start_udp_port", json: "0", kind: .impossibleValue, path: "start_udp_port"),
        Mistake(key: "start_udp_port", json: "65535", kind: .impossibleValue, path: "start_udp_port", says: "65536"),
        Mistake(key: "bind", json: "\"localhost\"", kind: .impossibleValue, path: "bind"),
        Mistake(key: "bind", json: "\"239.0.0.1\"", kind: .impossibleValue, path: "bind"),
        Mistake(key: "multicast", json: "\"192.168.0.1\"", kind: .impossibleValue, path: "multicast"),
        Mistake(key: "multicast", json: "\"239.0.0\"", kind: .impossibleValue, path: "multicast"),
        Mistake(key: "module_grid", json: #"{"rows": 1}"#, kind: .missingKey, path: "module_grid.columns"),
        Mistake(key: "module_grid", json: #"{"rows": 2, "columns": 2}"#, kind: .conflict, path: "module_grid", says: "2 × 2 = 4"),
        Mistake(
            base: .eiger, key: "module_grid", json: #"{"rows": 2, "columns": 1}"#, kind: .conflict, path: "module_grid.columns"),
        Mistake(
            base: .jungfrau.with("udp_interfaces", "2"), key: "module_grid", json: #"{"rows": 1, "columns": 4}"#, kind: .conflict,
            path: "module_grid.rows"),
        Mistake(
            base: .jungfrau.with("n_modules", "129"), key: "udp_interfaces", json: "2", kind: .impossibleValue, path: "n_modules",
            says: "256 UDP streams"),
        // Identity and receiving.
        Mistake(key: "image_id_step", json: "0", kind: .impossibleValue, path: "image_id_step"),
        Mistake(key: "image_id_step", json: "-1", kind: .impossibleValue, path: "image_id_step"),
        Mistake(key: "max_id_gap", json: "0", kind: .impossibleValue, path: "max_id_gap"),
        Mistake(key: "image_id", json: "\"pulse\"", kind: .impossibleValue, path: "image_id", says: "bunch_id"),
        Mistake(key: "sync_timeout", json: "-0.5", kind: .impossibleValue, path: "sync_timeout"),
        Mistake(key: "receive", json: #"{"window": 65}"#, kind: .impossibleValue, path: "receive.window", says: "1 to 64"),
        Mistake(key: "receive", json: #"{"threads": 0}"#, kind: .impossibleValue, path: "receive.threads"),
        Mistake(key: "receive", json: #"{"batch": 1025}"#, kind: .impossibleValue, path: "receive.batch"),
        Mistake(key: "receive", json: #"{"cpus": [0, -1]}"#, kind: .impossibleValue, path: "receive.cpus[1]"),
        Mistake(key: "receive", json: #"{"cpus": ["0-3"]}"#, kind: .wrongType, path: "receive.cpus[0]"),
        // Modules.
        Mistake(key: "module_positions", json: "{}", kind: .impossibleValue, path: "module_positions", says: "one module"),
        Mistake(key: "module_positions", json: #"{"a": [0, 0, 1023, 511]}"#, kind: .impossibleValue, path: "module_positions.a"),
        Mistake(
            key: "module_positions", json: #"{"01": [0, 0, 1023, 511]}"#, kind: .impossibleValue, path: "module_positions.01"),
        Mistake(key: "module_positions", json: #"{"2": [0, 0, 1023, 511]}"#, kind: .impossibleValue, path: "module_positions.2"),
        Mistake(key: "module_positions", json: #"{"1": [0, 0, 1023]}"#, kind: .wrongType, path: "module_positions.1"),
        Mistake(
            key: "module_positions", json: #"{"1": [0, 0, "a", 511]}"#, kind: .wrongType, path: "module_positions.1[2]",
            says: "\"a\""),
        Mistake(
            key: "module_positions", json: #"{"1": [0, 0, 1023, 511, 45]}"#, kind: .impossibleValue, path: "module_positions.1[4]"
        ),
        Mistake(
            key: "module_positions", json: #"{"1": [0, 513, 1023, 1024]}"#, kind: .impossibleValue, path: "module_positions.1[3]",
            says: "0 to 1023"),
        Mistake(
            key: "module_positions", json: #"{"0": [0, 0, -9223372036854775808, 511]}"#, kind: .impossibleValue,
            path: "module_positions.0[2]"),
        Mistake(
            key: "module_positions", json: #"{"0": [0, 0, 1023, 512]}"#, kind: .impossibleValue, path: "module_positions.0",
            says: "1024 × 512 or 1030 × 514"),
        Mistake(
            key: "module_positions", json: #"{"0": [0, 0, 1023, 511, 90]}"#, kind: .impossibleValue, path: "module_positions.0",
            says: "512 × 1024"),
        Mistake(
            base: .eiger, key: "module_positions", json: #"{"0": [0, 0, 511, 255]}"#, kind: .impossibleValue,
            path: "module_positions.0", says: "514 × 256"),
        Mistake(
            base: .moench, key: "module_positions", json: #"{"0": [0, 0, 398, 399]}"#, kind: .impossibleValue,
            path: "module_positions.0", says: "400 × 400"),
        Mistake(
            key: "module_positions", json: #"{"0": [0, 0, 1023, 511], "1": [1023, 1022, 0, 511]}"#, kind: .conflict,
            path: "module_positions.1", says: "module 1 on top of module 0"),
        // Images and memory.
        Mistake(key: "missing_value", json: "65536", kind: .impossibleValue, path: "missing_value", says: "uint16"),
        Mistake(key: "missing_value", json: "0.5", kind: .impossibleValue, path: "missing_value"),
        Mistake(key: "gap_value", json: "\"nan\"", kind: .impossibleValue, path: "gap_value"),
        Mistake(key: "gap_value", json: "\"max\"", kind: .impossibleValue, path: "gap_value", says: "\"default\""),
        Mistake(base: corrected, key: "gap_value", json: "1e300", kind: .impossibleValue, path: "gap_value", says: "float32"),
        Mistake(
            base: corrected, key: "calibration", json: converted + #""factor": 0}"#, kind: .impossibleValue,
            path: "calibration.factor"),
        Mistake(
            base: corrected, key: "calibration", json: converted + #""factor": 6.2, "masked_value": 0.5}"#,
            kind: .impossibleValue,
            path: "calibration.masked_value", says: "int32"),
        Mistake(
            base: corrected, key: "calibration", json: converted + #""double_pixels": "interpolate"}"#, kind: .conflict,
            path: "calibration.double_pixels", says: "1030 × 514"),
        Mistake(
            base: .eiger, key: "ring", json: #"{"content": "corrected"}"#, kind: .conflict, path: "ring.content", says: "raw"),
        Mistake(key: "ring", json: #"{"content": "both"}"#, kind: .impossibleValue, path: "ring.content"),
        Mistake(key: "ring", json: #"{"wait": 20}"#, kind: .impossibleValue, path: "ring.wait", says: "0 to 1"),
        Mistake(key: "ring", json: #"{"wait": -0.1}"#, kind: .impossibleValue, path: "ring.wait"),
        Mistake(key: "ring", json: #"{"layout": "compact"}"#, kind: .impossibleValue, path: "ring.layout"),
        Mistake(
            key: "ring", json: #"{"bytes": 16777215}"#, kind: .conflict, path: "ring.bytes", says: "16777216 bytes, for 8 images"),
        Mistake(
            key: "ring", json: #"{"name": "a/b"}"#, kind: .impossibleValue, path: "ring.name", says: "a/b"),
        Mistake(key: "ring", json: #"{"name": ""}"#, kind: .impossibleValue, path: "ring.name"),
        Mistake(key: "ring", json: #"{"bytes": -1}"#, kind: .impossibleValue, path: "ring.bytes"),
        Mistake(key: "ram_buffer_gb", json: "1.5", kind: .impossibleValue, path: "ram_buffer_gb"),
        Mistake(
            key: "ram_buffer_gb", json: "9223372036854775807", kind: .impossibleValue, path: "ram_buffer_gb", says: "to 65536"),
        Mistake(
            base: .eiger9M.with("receive", #"{"window": 40}"#), key: "ram_buffer_gb", json: "1", kind: .conflict,
            path: "ram_buffer_gb", says: "44 images"),
    ]

    @Test("Every mistake gives one problem that names its path", arguments: mistakes)
    func mistake(_ mistake: Mistake) throws {
        #expect(mistake.base.problems() == [])
        let problems = mistake.base.with(mistake.key, mistake.json).problems()
        #expect(problems.count == 1, "\(problems)")
        let problem = try #require(problems.first)
        #expect(problem.kind == mistake.kind)
        #expect(problem.path.description == mistake.path)
        if !mistake.says.isEmpty { #expect(problem.description.contains(mistake.says), "\(problem)") }
        // What stands in the document is found there again.
        if mistake.json != nil, mistake.kind != .missingKey { #expect(problem.origin != nil) }
    }

    @Test("All problems come at once, each with its place")
    func allAtOnce() throws {
        let text = DocumentText.jungfrau.with("bit_depth", "\"16\"").with("start_udp_port", "70000").with("bind", "\"x\"")
            .with("module_positions", #"{"0": [0, 0, 1023, 5], "1": [0, "b", 1023, 1023]}"#).with("detector_name", nil)
        let problems = text.problems()
        #expect(
            Set(problems.map(\.path.description)) == [
                "detector_name", "bit_depth", "start_udp_port", "bind", "module_positions.0", "module_positions.1[1]",
            ])
        let port = try #require(problems.first { $0.path == "start_udp_port" })
        #expect(port.description == "start_udp_port (line 7, column 21): expected an integer from 1 to 65535, found 70000")
        do {
            _ = try text.read()
            Issue.record("a wrong document was read")
        } catch {
            #expect(error.description.hasPrefix("configuration: 6 problems\n"))
        }
    }

    @Test("A problem in a group does not hide another one of the same group")
    func groupsStaySound() {
        let text = DocumentText.jungfrau.with("receive", #"{"cpus": [-1], "batch": 0, "window": 64}"#)
            .with("ring", #"{"bytes": 4096, "content": "other"}"#)
        #expect(
            Set(text.problems().map(\.path.description)) == ["receive.cpus[0]", "receive.batch", "ring.content"])
        #expect(
            Set(text.with("ring", #"{"bytes": 4096}"#).problems().map(\.path.description)) == [
                "receive.cpus[0]", "receive.batch", "ring.bytes",
            ])
    }

    @Test("Large documents that are wrong throughout are answered in reasonable time", .timeLimit(.minutes(1)))
    func manyProblems() {
        let positions = (0..<50_000).map { "\"\($0)\": [0, 0, 1023, 511]" }.joined(separator: ", ")
        var text = DocumentText.jungfrau.with("module_positions", "{\(positions)}")
        text.members += (0..<50_000).map { ("n_module_\($0)", "1") }
        #expect(text.problems(strict: true).count == 49_998 + 1 + 50_000)
    }

    @Test("A configuration built by hand is held to the same rules and never traps")
    func builtByHand() {
        var configuration = DetectorConfiguration(
            name: "x", type: .jungfrauRaw, moduleCount: .max, bitDepth: .min, imageWidth: .max, imageHeight: .max,
            startUDPPort: .max,
            modulePositions: [-1: ModulePosition(xStart: .min, yStart: .min, xEnd: .max, yEnd: .max, rotation: 9)])
        configuration.receive.window = .max
        configuration.imageIDStep = .max
        configuration.syncTimeout = .max
        configuration.udpInterfaces = .max
        configuration.ring.budgetBytes = .min
        let paths = Set(configuration.validate().map(\.path.description))
        #expect(
            paths.isSuperset(of: [
                "n_modules", "bit_depth", "image_pixel_width", "image_pixel_height", "start_udp_port", "udp_interfaces",
                "receive.window", "image_id_step", "sync_timeout", "ring.bytes", "module_positions.-1",
            ]))
    }
}
