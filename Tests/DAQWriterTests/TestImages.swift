import DAQCore
import DAQWriter
import Glibc

/// Images of known pixels in memory of their own.
enum TestImages {
    /// An image whose pixels are `pixels`.
    static func image<Pixel: BitwiseCopyable>(
        _ metadata: ImageMetadata, _ format: ImageFormat, _ pixels: [Pixel]
    ) -> Image {
        precondition(pixels.count == format.pixels && MemoryLayout<Pixel>.size == format.pixelType.bytes)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: format.bytes, alignment: 64)
        pixels.withUnsafeBytes { memory.copyMemory(from: $0) }
        let bytes = UnsafeRawBufferPointer(memory)
        // The lease is the only owner; nobody writes to the memory before it is given back.
        nonisolated(unsafe) let owned = memory
        return Image(metadata: metadata, format: format, lease: ImageLease(bytes: bytes) { owned.deallocate() })
    }

    /// The pixel of the pattern that the Python check knows too: (1000 × image + 7 × y + x) modulo 251.
    static func pattern(image: Int, x: Int, y: Int) -> Int { (1000 * image + 7 * y + x) % 251 }

    /// An image of the pattern.
    static func pattern(_ number: Int, _ format: ImageFormat, _ metadata: ImageMetadata) -> Image {
        let values = (0..<format.pixels).map { pattern(image: number, x: $0 % format.width, y: $0 / format.width) }
        switch format.pixelType {
        case .uint8: return image(metadata, format, values.map { UInt8($0) })
        case .uint16: return image(metadata, format, values.map { UInt16($0) })
        case .uint32: return image(metadata, format, values.map { UInt32($0) })
        case .int16: return image(metadata, format, values.map { Int16($0) })
        case .int32: return image(metadata, format, values.map { Int32($0) })
        case .float32: return image(metadata, format, values.map { Float($0) })
        }
    }

    /// A run of images of a format.
    static func run(_ format: ImageFormat) -> RunDescription {
        RunDescription(
            configuration: DetectorConfiguration(
                name: "test-detector", type: .eiger, moduleCount: 4, bitDepth: 16, imageWidth: format.width,
                imageHeight: format.height, startUDPPort: 50000, modulePositions: [:]),
            format: format)
    }
}

/// A directory that is removed when it goes out of scope.
final class TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/daq-writer-XXXXXX".utf8CString)
        let created = template.withUnsafeMutableBufferPointer { $0.baseAddress.map { mkdtemp($0) } ?? nil }
        guard created != nil else { throw Failure() }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    struct Failure: Error {}

    /// A file in the directory.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    deinit {
        _ = try? Shell.run("/bin/rm", ["-rf", path])
    }
}

/// Runs other programs.
enum Shell {
    /// Runs a program and waits for it.
    ///
    /// - Returns: its exit status, and what it wrote to standard output and standard error.
    static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw TemporaryDirectory.Failure() }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let failure = posix_spawn(&process, program, &actions, nil, &words, environ)
        close(ends[1])
        defer { close(ends[0]) }
        guard failure == 0 else { return (127, String(cString: strerror(failure))) }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = read(ends[0], &buffer, buffer.count), count > 0 { output += buffer[..<count] }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return (status & 0x7F == 0 ? status >> 8 & 0xFF : -1, String(decoding: output, as: UTF8.self))
    }

    /// The Python with h5py, silx, nexusformat and fabio; without it a line on standard output says that a test was skipped.
    static func python(for test: String) -> String? {
        guard let path = getenv("DAQ_TEST_PYTHON") else {
            print("SKIPPED \(test): DAQ_TEST_PYTHON is not set")
            return nil
        }
        return String(cString: path)
    }

    /// Runs one of the scripts in Tests/Python.
    static func check(_ python: String, _ script: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let tests = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        return try run(python, ["/\(tests)/Python/\(script)"] + arguments)
    }
}
