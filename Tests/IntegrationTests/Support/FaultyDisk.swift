import Foundation
import Testing

/// A folder whose disk gets out of order for one program, at a moment that the test chooses.
///
/// The program is started with a library that stands between it and the kernel (Tests/DiskFaults); everybody else sees the
/// folder as it is.
struct FaultyDisk {
    /// What may be wrong; the words are those of the library.
    enum Fault: String, CaseIterable {
        case quota
        case readOnly = "read-only"
        case inputOutput = "io-error"
        case hang
    }

    /// The folder.
    let path: String
    private let folder: WorkFolder
    private let library: String
    private var fault: String { folder["fault"] }

    init(in folder: WorkFolder) throws {
        self.folder = folder
        library = try #require(Self.library?.path)
        try FileManager.default.createDirectory(atPath: folder["disk"], withIntermediateDirectories: false)
        // As the kernel tells the paths of open files.
        path = URL(filePath: folder["disk"]).resolvingSymlinksInPath().path(percentEncoded: false)
    }

    /// The words before the command of a program that has this disk.
    var before: [String] {
        ["/usr/bin/env", "LD_PRELOAD=\(library)", "DAQ_DISK_FOLDER=\(path)", "DAQ_DISK_FAULT=\(fault)"]
    }

    /// Path of something on the disk.
    subscript(name: String) -> String { "\(path)/\(name)" }

    /// From now on something is wrong.
    func fail(_ what: Fault) throws {
        // By its name at once with its text.
        try folder.write(what.rawValue, to: "fault-next")
        try FileManager.default.moveItem(atPath: folder["fault-next"], toPath: fault)
    }

    /// From now on all is well.
    func recover() throws { try FileManager.default.removeItem(atPath: fault) }

    /// Whether there is a compiler for the library.
    static var isAvailable: Bool { library != nil }

    /// The library, built once, and the folder that it is in.
    private static let library: (path: String, folder: WorkFolder)? = {
        guard let folder = try? WorkFolder() else { return nil }
        let source = TestEnvironment.package.appending(path: "Tests/DiskFaults/disk_faults.c").path(percentEncoded: false)
        let path = folder["disk_faults.so"]
        let arguments = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-o", path, source]
        return TestEnvironment.isSuccess("/usr/bin/gcc", arguments) ? (path, folder) : nil
    }()
}

extension Trait where Self == ConditionTrait {
    /// Needs a disk that gets out of order.
    static var needsFaultyDisk: Self { .enabled(if: FaultyDisk.isAvailable, "gcc cannot build Tests/DiskFaults/disk_faults.c") }
}
