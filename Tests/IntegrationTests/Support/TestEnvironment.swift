import Foundation
import Testing

/// What the machine offers to the tests, and where things are.
enum TestEnvironment {
    /// Folder of the package.
    static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The program under test: `DAQCTL`, or the one that was built beside the tests.
    static let daqctl: String = {
        if let path = ProcessInfo.processInfo.environment["DAQCTL"], !path.isEmpty { return path }
        return package.appending(path: ".build/debug/daqctl").path(percentEncoded: false)
    }()

    /// A Python with numpy, h5py, silx, nexusformat and fabio.
    static let python = path(in: "DAQ_TEST_PYTHON")

    /// The recording of an EIGER 9M in `DAQ_TEST_DATA`.
    static let eigerRecording = path(in: "DAQ_TEST_DATA").map { "\($0)/eiger9m" }

    /// Whether tests may mount file systems that nobody else sees.
    static let canMount =
        getuid() == 0 && isSuccess("/bin/sh", ["-c", "exec unshare -m sh -c 'mount -t tmpfs -o size=64k none /mnt' 2>/dev/null"])

    /// The words before a command that let it run without any privilege.
    static let unprivileged = ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]

    /// Whether the program can be run by a user without rights.
    static let canDropPrivileges =
        getuid() == 0 && isSuccess(unprivileged[0], unprivileged.dropFirst() + [daqctl, "version"])

    /// Wireshark's reader of captures.
    static let tshark: String? = ["/usr/bin/tshark", "/usr/local/bin/tshark"].first(where: isExecutable)

    private static func path(in variable: String) -> String? {
        let value = ProcessInfo.processInfo.environment[variable] ?? ""
        return value.isEmpty ? nil : value
    }

    private static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

    /// Whether a program can be run and ends well.
    static func isSuccess(_ program: String, _ arguments: some Sequence<String>) -> Bool {
        guard isExecutable(program) else { return false }
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = Array(arguments)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationReason == .exit && process.terminationStatus == 0
    }
}

extension Trait where Self == ConditionTrait {
    /// Needs Python, which checks files with code of other people.
    static var needsPython: Self {
        .enabled(if: TestEnvironment.python != nil, "set DAQ_TEST_PYTHON to a Python with the packages in scripts/lib/python.sh")
    }

    /// Needs the recorded data of a real detector.
    static var needsRecording: Self {
        .enabled(if: TestEnvironment.eigerRecording != nil, "set DAQ_TEST_DATA to the folder that holds eiger9m/")
    }

    /// Needs to mount file systems.
    static var needsMounts: Self { .enabled(if: TestEnvironment.canMount, "only root can mount file systems") }

    /// Needs to become another user.
    static var needsOtherUser: Self {
        .enabled(if: TestEnvironment.canDropPrivileges, "only root can become another user, who must be able to run daqctl")
    }

    /// Needs Wireshark.
    static var needsTshark: Self { .enabled(if: TestEnvironment.tshark != nil, "tshark is not installed") }
}
