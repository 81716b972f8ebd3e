import DAQCore
import Glibc
import Testing

@testable import DAQWriter

/// A small file system in memory; only root can make one.
///
/// It goes with the test, and with the process of the test however that ends: a child that hears of it removes it.
final class SmallFileSystem {
    let path: String
    private let directory: TemporaryDirectory
    /// The end of a pipe to that child.
    private let remover: UnsafeMutablePointer<FILE>?

    /// Returns `nil`, and says so on standard output, when file systems cannot be mounted here.
    init?(megabytes: Int, options: String = "", for test: String) throws {
        directory = try TemporaryDirectory()
        path = directory.path
        // Reads until the pipe has no writer any more. Ctrl-C is for all processes of the terminal, and not for this one.
        remover = popen("trap '' INT TERM HUP; read -r _; umount -l '\(path)' 2>/dev/null; rm -rf '\(path)'", "we")
        let result = try Shell.run("/bin/mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m\(options)", "tmpfs", path])
        guard result.status == 0 else {
            print("SKIPPED \(test): a small tmpfs cannot be mounted: \(result.output)")
            return nil
        }
    }

    /// Makes it read-only, or writable again.
    func remount(_ option: String) throws -> Bool {
        try Shell.run("/bin/mount", ["-o", "remount,\(option)", path]).status == 0
    }

    deinit { if let remover { pclose(remover) } }
}

@Suite(.serialized) struct DiskFullTests {
    private let format = ImageFormat(width: 512, height: 512, pixelType: .uint16)

    private func metadata(_ number: Int) -> ImageMetadata {
        var metadata = ImageMetadata(id: UInt64(number))
        metadata.annotations = [Annotation("remark", .text("number \(number)"))]
        return metadata
    }

    @Test("A full disk is told before HDF5 meets it, and the file holds every image stored so far")
    func guarded() throws {
        guard let disk = try SmallFileSystem(megabytes: 16, for: "guarded") else { return }
        let path = "\(disk.path)/full.h5"
        let writer = HDF5Writer(path: path)
        try writer.open(TestImages.run(format))
        var stored = 0
        let failure = #expect(throws: HDF5Error.self) {
            for number in 0..<100 {
                try writer.accept(TestImages.pattern(number, format, metadata(number)))
                stored += 1
            }
        }
        #expect(failure?.code == .diskFull)
        #expect(failure?.description.contains("bytes free") == true, "\(failure?.description ?? "")")
        #expect(stored > 20)
        #expect(writer.written.images == stored)
        try writer.close()
        try expect(path, images: stored)
    }

    @Test("When somebody else fills the disk, the file can still be closed and holds every image stored so far")
    func rival() throws {
        guard let disk = try SmallFileSystem(megabytes: 64, for: "rival") else { return }
        let path = "\(disk.path)/rival.h5"
        let writer = HDF5Writer(path: path)
        try writer.open(TestImages.run(format))
        for number in 0..<5 { try writer.accept(TestImages.pattern(number, format, metadata(number))) }
        // Takes every block there is; dd ends with an error when there are no more.
        #expect(try Shell.run("/bin/dd", ["if=/dev/zero", "of=\(disk.path)/rival", "bs=64k"]).status == 1)
        var stored = 5
        let failure = #expect(throws: HDF5Error.self) {
            for number in 5..<100 {
                try writer.accept(TestImages.pattern(number, format, metadata(number)))
                stored += 1
            }
        }
        #expect(failure?.code == .diskFull)
        #expect(stored < 100)
        try writer.close()
        try expect(path, images: stored)
    }

    @Test("After a write that failed inside HDF5 nothing crashes, and the next file is whole")
    func unguarded() throws {
        guard let disk = try SmallFileSystem(megabytes: 8, for: "unguarded") else { return }
        let file = try ImageStackFile(
            creating: "\(disk.path)/unguarded.h5", overwrite: false, FileContents(TestImages.run(format)), FileOptions(),
            guardingSpace: false)
        let failure = #expect(throws: HDF5Error.self) {
            for number in 0..<100 {
                let image = TestImages.pattern(number, format, metadata(number))
                let failure = image.withBytes { span in
                    span.withUnsafeBytes { bytes in
                        Result { try file.append(image.metadata, ImageChunk(bytes: bytes)) }
                    }
                }
                try failure.get()
            }
        }
        #expect(failure?.code == .diskFull)
        // Whether HDF5 still notices here differs from build to build; what counts is that nothing crashes.
        try? file.close()

        let directory = try TemporaryDirectory()
        let writer = HDF5Writer(path: directory.file("next.h5"))
        try writer.open(TestImages.run(format))
        try writer.accept(TestImages.pattern(0, format, metadata(0)))
        try writer.close()
        try expect(directory.file("next.h5"), images: 1)
    }

    @Test("A disk that is full from the start is told by open, and no file is left behind")
    func fullFromTheStart() throws {
        guard let disk = try SmallFileSystem(megabytes: 1, for: "fullFromTheStart") else { return }
        let path = "\(disk.path)/none.h5"
        let failure = #expect(throws: HDF5Error.self) { try HDF5Writer(path: path).open(TestImages.run(format)) }
        #expect(failure?.code == .diskFull)
        #expect(access(path, F_OK) != 0)
    }

    @Test("A pedestal file that finds no place leaves the old one as it is")
    func pedestal() throws {
        guard let disk = try SmallFileSystem(megabytes: 48, for: "pedestal") else { return }
        let path = "\(disk.path)/pedestal.h5"
        func write(_ modules: Int) throws {
            let plane = [Double](repeating: 1, count: modules * 512 * 1024)
            try PedestalFile.write(
                means: [plane, plane, plane], deviations: [plane, plane, plane],
                mask: [Int64](repeating: 0, count: plane.count), to: path, overwrite: true)
        }
        try write(1)
        let before = try Shell.run("/usr/bin/cksum", [path]).output
        let failure = #expect(throws: HDF5Error.self) { try write(2) }
        #expect(failure?.code == .diskFull)
        #expect(try Shell.run("/usr/bin/cksum", [path]).output == before)
        #expect(try Shell.run("/bin/ls", ["-A", disk.path]).output == "pedestal.h5\n")
    }

    @Test("A read-only file system is named as such")
    func readOnly() throws {
        guard let disk = try SmallFileSystem(megabytes: 8, for: "readOnly") else { return }
        #expect(try disk.remount("ro"))
        let failure = #expect(throws: HDF5Error.self) {
            try HDF5Writer(path: "\(disk.path)/none.h5").open(TestImages.run(format))
        }
        #expect(failure?.code == .readOnly)
        #expect(failure?.description.contains("mounted read-only") == true)
    }

    private func expect(_ path: String, images: Int) throws {
        guard let python = Shell.python(for: "DiskFullTests") else { return }
        let script = """
            import sys, h5py
            file = h5py.File(sys.argv[1])
            n = int(sys.argv[2])
            data = file["entry/data/data"]
            assert data.shape[0] == n, data.shape
            for i in range(n):
                assert data[i, 3, 5] == (1000 * i + 26) % 251, i
            ids = file["entry/data/frame_id"][()]
            assert list(ids) == list(range(n)), ids
            """
        let result = try Shell.run(python, ["-c", script, path, "\(images)"])
        #expect(result.status == 0, "\(result.output)")
    }
}
