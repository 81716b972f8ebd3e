import DAQCore
import DAQWriter
import Testing

/// Files as independent programs see them: their layout, while they grow, and after their writer was killed.
@Suite(.serialized) struct FileLayoutTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test(
        "h5py, h5dump, silx, nexusformat, fabio and the NXmx validator agree with what was written",
        arguments: FileFormat.allCases,
        [["safe", "20", "0", "0", "0"], ["safe", "20", "6", "0", "0"], ["swmr", "20", "0", "0", "0"]])
    func layouts(format: FileFormat, settings: [String]) throws {
        guard let python = Shell.python(for: "layouts") else { return }
        let path = directory.file("run.h5")
        let written = try Shell.run(Programs.crashingWriter, [path] + settings + [format.rawValue])
        try #require(written.status == 0, "\(written.output)")
        let result = try Shell.check(python, "check_formats.py", [path, format.rawValue, "20"])
        #expect(result.status == 0, "\(result.output)")
    }

    @Test("Four readers follow a run while it is written, and never see a torn image", arguments: ["safe", "swmr"])
    func followed(mode: String) throws {
        guard let python = Shell.python(for: "followed") else { return }
        let result = try Shell.check(python, "follow_images.py", [Programs.crashingWriter, directory.path, mode])
        #expect(result.status == 0, "\(result.output.suffix(2000))")
    }

    @Test("Whenever a writer is killed, what it reported flushed can be read")
    func killed() throws {
        guard let python = Shell.python(for: "killed") else { return }
        let runs = Programs.variable("DAQ_TEST_KILLS") ?? "40"
        let result = try Shell.check(
            python, "kill_writer.py", [Programs.crashingWriter, Programs.daqctl, directory.path, runs])
        #expect(result.status == 0, "\(result.output.suffix(2000))")
    }
}
