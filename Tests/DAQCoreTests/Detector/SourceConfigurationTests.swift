import DAQBuffer
import Testing

@testable import DAQCore

@Suite("Configuration of image streams")
struct SourceConfigurationTests {
    private let camera =
        #"{"detector_name": "C", "detector_type": "camera", "bit_depth": 16, "image_pixel_width": 5, "image_pixel_height": 4, "#
        + #""source": {"address": "tcp://camera:9999", "format": "bsread"}}"#

    private func read(_ overrides: String..., in text: String? = nil) throws -> DetectorConfiguration {
        try DetectorConfiguration(json: (text ?? camera).utf8, overrides: overrides, strict: true)
    }

    private func paths(_ overrides: String..., in text: String? = nil) -> [String] {
        do throws(ConfigurationError) {
            _ = try DetectorConfiguration(json: (text ?? camera).utf8, overrides: overrides, strict: true)
            return []
        } catch {
            return error.problems.map { $0.path.description }
        }
    }

    @Test("A camera needs a shape, a type and a source; the pattern is what is usual for the format")
    func defaults() throws {
        let configuration = try read()
        #expect(configuration.source?.pattern == .pull)
        #expect(configuration.imageFormat == ImageFormat(width: 5, height: 4, pixelType: .uint16))
        #expect(configuration.placedStreams.isEmpty && configuration.validate().isEmpty)
        #expect(try read("source.format=array-1.0").source?.pattern == .subscribe)
        #expect(try read("bit_depth=32", "source.pixel_type=float32").imagePixelType == .float32)
        #expect(try read("bit_depth=8").imagePixelType == .uint8)
        #expect(try ImageAssembler.slotBytes(for: configuration) == 40)
        let ring = try ImageRing(for: configuration)
        #expect(throws: ReceiveError.wholeImages("C")) {
            try DetectorSource(configuration, into: ring, correcting: nil)
        }
    }

    @Test("A std-daq document of a PCO camera loads once it has an address")
    func pco() throws {
        let text =
            #"{"detector_name": "P", "detector_type": "pco", "n_modules": 1, "bit_depth": 16, "image_pixel_width": 5, "#
            + #""image_pixel_height": 4, "start_udp_port": 2000, "module_positions": {}}"#
        #expect(paths(in: text) == ["source"])
        #expect(paths("source.address=tcp://a:1", in: text) == ["source.format"])
        #expect(paths("source.address=tcp://a:1", "source.format=bsread", in: text) == [])
    }

    @Test("Images of another host take the place of a stream, of any detector; both are too many")
    func otherHost() throws {
        let forward = #"source={"forward": {"listen": "tcp://*:9100", "connections": 3}}"#
        let configuration = try read(forward)
        #expect(configuration.source == nil && configuration.validate().isEmpty)
        #expect(configuration.forwardSource?.isListening == true && configuration.forwardSource?.connections == 3)
        #expect(DocumentText.jungfrau.with("source", #"{"forward": {"connect": "tcp://a:1"}}"#).problems(strict: true) == [])
        #expect(paths("source.forward.listen=tcp://*:9100") == ["source.address"])
        #expect(paths(forward, "source.pixel_type=uint16") == ["source.pixel_type"])
        #expect(paths(forward, "source.forward.connect=tcp://a:1") == ["source.forward"])
        #expect(paths(forward, "source.forward.connections=65") == ["source.forward.connections"])
        #expect(paths(forward, "source.forward.lisen=x") == ["source.forward.lisen"])
        #expect(paths(#"source={"forward": 1}"#) == ["source.forward"])
        #expect(paths(forward, "ring.layout=std-daq") == ["ring.layout"])
    }

    @Test(
        "What is wrong with a far end is told at its key",
        arguments: [
            (#"[{"to": "tcp://a:1"}, {"listen": "ipc:///b", "patience": 0}]"#, []), (#"[{}]"#, ["forward[0]"]),
            (#"[{"to": "tcp://a:1"}, {"to": "tcp://a:1", "listen": "tcp://*:1"}]"#, ["forward[1]"]),
            (#"[{"to": "a:1"}]"#, ["forward[0]"]), (#"[{"to": "tcp://a:1", "connections": 0}]"#, ["forward[0].connections"]),
            (#"[{"to": 1}]"#, ["forward[0].to"]), (#"[3]"#, ["forward[0]"]), (#"{"to": "tcp://a:1"}"#, ["forward"]),
        ])
    func farEnds(text: String, problems: [String]) {
        #expect(paths("forward=\(text)") == problems)
    }

    @Test("The services of std-daq are found by the name of the detector, or by an address that has it")
    func services() throws {
        let text =
            #"{"detector_name": "EG", "detector_type": "camera", "bit_depth": 16, "image_pixel_width": 5, "#
            + #""image_pixel_height": 4, "source": {"format": "std-daq"}}"#
        #expect(paths(in: text) == [])
        let source = try #require(try read(in: text).source)
        #expect(source.stdDAQDetector == "EG" && source.endpoint == "ipc:///tmp/EG-image" && source.pattern == .subscribe)
        for (address, detector) in [
            ("ipc:///tmp/gf-teststand-image", "gf-teststand"), ("ipc:///run/a/B-delay-filter", "B"), ("ipc:///tmp/C-filter", "C"),
            ("D", "D"),
        ] {
            #expect(try read("source.address=\(address)", in: text).source?.stdDAQDetector == detector)
        }
        for address in [
            "tcp://a:1", "ipc:///tmp/D-blosc2", "ipc:///tmp/-image", "ipc://", "a/b", String(repeating: "n", count: 91),
        ] {
            #expect(paths("source.address=\(address)", in: text) == ["source.address"])
        }
        #expect(paths("source.pattern=pull", in: text) == ["source.pattern"])
        #expect(paths("source.connections=2", in: text) == ["source.connections"])
        #expect(paths("source.channel=A", in: text) == ["source.channel"])
        #expect(paths("source.slots=0", in: text) == ["source.slots"])
        #expect(paths("source.slots=1000", in: text) == [])
        #expect(paths("ring.layout=std-daq", in: text) == ["ring.layout"], "their memory is theirs")
        #expect(paths(#"streams=[{"format": "std-daq"}]"#, in: text) == ["streams"], "their address is theirs")
        #expect(
            paths("detector_type=eiger", "n_modules=1", "start_udp_port=1", "module_positions={}", in: text).contains("source"))
        #expect(paths("source.slots=5") == ["source.slots"], "only std-daq has some")
    }

    @Test(
        "What cannot be is refused at its key",
        arguments: [
            ("source.address=camera:1", "source.address"), ("source.address=tcp://", "source.address"),
            ("source.connections=17", "source.connections"), ("source.format=sls", "source.format"),
            ("source.pixel_type=float32", "source.pixel_type"), ("bit_depth=12", "bit_depth"),
            ("ring.content=corrected", "ring.content"), ("source.adress=x", "source.adress"),
        ])
    func refused(override: String, path: String) {
        #expect(paths(override) == [path])
    }

    @Test("Settings that contradict each other are refused")
    func conflicts() {
        #expect(paths("source.pattern=sub", "source.connections=2") == ["source.connections"])
        #expect(paths("source.format=array-1.0", "source.channel=A") == ["source.channel"])
        #expect(paths("detector_type=eiger").contains("source"))
    }
}
