import DAQCore
import Foundation
import Testing

@Suite("Reading of configuration files")
struct ConfigurationSyntaxTests {
    /// The only problem of some bytes.
    private func problem(_ bytes: some Sequence<UInt8>) throws -> ConfigurationProblem {
        do {
            _ = try ConfigurationDocument(json: bytes)
        } catch {
            #expect(error.problems.count == 1)
            return try #require(error.problems.first)
        }
        Issue.record("was accepted")
        return ConfigurationProblem(.syntax, at: "", expected: "", found: "")
    }

    @Test(
        "A syntax error names line, column and remedy",
        arguments: [
            ("", 1, 1, "the end of the document"), ("{\n  \"a\": 1,\n}", 3, 1, "no comma after the last element"),
            ("{\"a\" 1}", 1, 6, "a colon"), ("{\"a\": [1, 2}", 1, 12, "a comma or ]"), ("{\"a\": tru}", 1, 7, "a value"),
            ("{\n  // note\n}", 2, 3, "no comments"), ("{'a': 1}", 1, 2, "double quotes"), ("{\"a\": 01}", 1, 8, "a comma or }"),
            ("{\"a\": 1.}", 1, 9, "a digit"), ("{\"a\": NaN}", 1, 7, "\"nan\" in quotes"),
            ("{} {}", 1, 4, "the end of the document"),
            ("{\"a\": \"b\n\"}", 1, 9, "closing quote"), ("{\"a\": \"\\x\"}", 1, 9, "an escape"),
            ("{\"a\": \"\\ud800\"}", 1, 14, "surrogate"), ("{\"a\": 1}\0", 1, 9, "NUL"), ("{\"a", 1, 4, "began on line 1"),
        ])
    func syntax(text: String, line: Int, column: Int, says: String) throws {
        let problem = try problem(text.utf8)
        #expect(problem.kind == .syntax)
        #expect(problem.origin == .document(SourcePlace(line: line, column: column)), "\(problem)")
        #expect(problem.description.contains(says), "\(problem)")
    }

    @Test("What is not an object is refused", arguments: ["[]", "1", "null", "\"x\"", "true"])
    func topLevel(text: String) throws {
        let problem = try problem(text.utf8)
        #expect(problem.kind == .wrongType)
        #expect(problem.description.contains("an object"))
    }

    @Test("Hostile nesting and bytes that are no text are refused")
    func hostile() throws {
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(try problem(deep.utf8).description.contains("64 levels"))
        #expect(try problem(Array("{\"a\": \"".utf8) + [0xFF, 0xFE] + Array("\"}".utf8)).description.contains("UTF-8"))
    }

    @Test("Text is decoded, with escapes and beyond ASCII")
    func text() throws {
        let name = #""\u0045\ud83d\ude00é""#
        #expect(try DocumentText.jungfrau.with("detector_name", name).read().configuration.name == "E😀é")
        let marked = "\u{FEFF}" + DocumentText.jungfrau.text.replacing("\n", with: "\r\n")
        #expect(try DetectorConfiguration(json: marked.utf8).name == "JF07T02V01")
    }

    @Test("A key that is there twice is an error, since one of the values would be lost")
    func duplicates() throws {
        let positions = #"{"0": [0, 0, 1023, 511], "0": [0, 512, 1023, 1023]}"#
        let problems = DocumentText.jungfrau.with("module_positions", positions).problems()
        #expect(problems.map(\.kind) == [.duplicateKey])
        #expect(problems.map(\.path.description) == ["module_positions.0"])
    }

    @Test("Files that cannot be read say why")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "daq-configuration-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }

        let file = folder.appending(path: "detector.json").path
        try Data(DocumentText.jungfrau.with("calibration", #"{"mask": "m.h5"}"#).text.utf8).write(to: URL(filePath: file))
        #expect(try DetectorConfiguration(contentsOf: file).calibration.mask == folder.appending(path: "m.h5").path)

        let large = folder.appending(path: "large.json").path
        try Data(count: 5 << 20).write(to: URL(filePath: large))
        let cases = [
            (folder.appending(path: "absent.json").path, "no such file"), (folder.path, "a directory"), ("a\0b", "NUL"),
            (large, "more than 4 MiB"),
        ]
        for (path, reason) in cases {
            do {
                _ = try DetectorConfiguration(contentsOf: path)
                Issue.record("\(path) was read")
            } catch {
                #expect(error.problems.map(\.kind) == [.unreadable])
                #expect(error.source == path)
                #expect(error.description.contains(reason), "\(error)")
            }
        }
    }
}
