import DAQCore
import Testing

@Suite("Unknown keys and overrides")
struct ConfigurationKeyTests {
    @Test(
        "An unknown key is a warning with a suggestion, and an error when strict",
        arguments: [
            ("n_module", "2", "did you mean n_modules?"), ("Image-Pixel-Width", "1", "did you mean image_pixel_width?"),
            ("image_id_setp", "1", "did you mean image_id_step?"), ("pedestal", "\"p.h5\"", "did you mean calibration.pedestal?"),
            ("favourite_colour", "\"blue\"", "docs/configuration.md"),
        ])
    func unknown(key: String, json: String, hint: String) throws {
        let text = DocumentText.jungfrau.with(key, json)
        let warnings = try text.read().warnings
        #expect(warnings.map(\.kind) == [.unknownKey])
        #expect(warnings.map(\.path) == [ConfigurationPath(key)])
        #expect(warnings.first?.hint?.contains(hint) == true, "\(warnings)")
        #expect(text.problems(strict: true) == warnings)
    }

    @Test("Groups have keys of their own, and a dot does not reach into them")
    func groups() throws {
        let warnings = try DocumentText.jungfrau.with("receive", #"{"treads": 2}"#).with("receive.threads", "3").read().warnings
        #expect(warnings.map(\.description).count == 2)
        #expect(warnings[0].description.contains("did you mean receive.threads?"))
        #expect(try DocumentText.jungfrau.with("receive.threads", "3").read().configuration.receive.threads == 1)
    }

    @Test("Overrides replace, add and make groups on the way")
    func overrides() throws {
        let document = try DocumentText.jungfrau.read(overrides: [
            "receive.window=9", "detector_name=42", "bind=127.0.0.1", "ring.content=raw", "gap_value=\"default\"",
            "incomplete=drop",
            "module_positions.1=[0, 1023, 1023, 512]", "receive.cpus=[1,2]", "receive.window=10",
        ])
        #expect(document.warnings.isEmpty)
        let configuration = document.configuration
        #expect(configuration.receive.window == 10)
        #expect(configuration.name == "42")
        #expect(configuration.bindAddress == "127.0.0.1")
        #expect(configuration.ring.content == .raw)
        #expect(configuration.incomplete == .drop)
        #expect(configuration.modulePositions[1]?.yStart == 1023)
        #expect(configuration.receive.cpus == [1, 2])
    }

    @Test(
        "Overrides that cannot be applied are reported with the other problems",
        arguments: [
            ("ring", "key.path=value"), ("=raw", "key.path=value"), ("ring..content=raw", "single dots"),
            ("n_modules.x=1", "an object that holds"), ("n_modules=two", "n_modules (overridden)"),
        ])
    func wrongOverrides(text: String, says: String) {
        let problems = DocumentText.jungfrau.with("bit_depth", "7").problems(overrides: [text])
        #expect(problems.contains { $0.path == "bit_depth" })
        #expect(problems.contains { $0.description.contains(says) && $0.origin == .override }, "\(problems)")
    }
}
