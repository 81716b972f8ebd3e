import Glibc

/// The input that runs at the moment, in a file that outlives a crash of this process.
struct InputFile {
    private let path: String
    private let memory: UnsafeMutableRawBufferPointer
    private let descriptor: Int32

    /// A file for inputs of up to `capacity` bytes.
    init(path: String, capacity: Int) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0, ftruncate(descriptor, off_t(max(1, capacity))) == 0,
            let address = mmap(nil, max(1, capacity), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), address != MAP_FAILED
        else { Self.fail(path) }
        memory = UnsafeMutableRawBufferPointer(start: address, count: capacity)
    }

    /// Makes `bytes` the contents of the file.
    func store(_ bytes: [UInt8]) {
        ftruncate(descriptor, off_t(max(1, bytes.count)))
        memory.copyBytes(from: bytes.prefix(memory.count))
    }

    /// The contents of a file.
    static func read(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { fail(path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = getc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return bytes
    }

    /// Makes a file with these contents.
    static func write(_ bytes: [UInt8], to path: String) {
        guard let file = fopen(path, "w") else { fail(path) }
        defer { fclose(file) }
        if fwrite(bytes, 1, bytes.count, file) != bytes.count { fail(path) }
    }

    private static func fail(_ path: String) -> Never {
        perror(path)
        exit(2)
    }
}
