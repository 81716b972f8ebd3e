import Glibc

/// The detector group's gain maps, `gainMaps_M*.bin`: little-endian doubles, 3, 4 or 6 planes of 512 × 1024 pixels of one module.
enum GainMapFile {
    /// Pixels of a module.
    static let pixels = CalibrationFile.rowsPerModule * CalibrationFile.columns

    /// Whether a file is as long as a gain map.
    static func isGainMap(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        return [3, 4, 6].contains { Int(status.st_size) == $0 * pixels * 8 }
    }

    /// Reads one file a module into six planes of all modules: G0, G1, G2, HG0, HG1, HG2.
    ///
    /// Planes that a file lacks are copied, as PSI's converter does: of three planes the high-gain ones repeat the others; of four,
    /// HG1 and HG2 repeat G1 and G2.
    static func read(_ paths: [String]) throws -> [[Float]] {
        var result = [[Float]](repeating: [], count: 6)
        for index in result.indices { result[index].reserveCapacity(paths.count * pixels) }
        for path in paths {
            let planes = try readModule(path)
            let sources = planes.count == 6 ? [0, 1, 2, 3, 4, 5] : planes.count == 4 ? [0, 1, 2, 3, 1, 2] : [0, 1, 2, 0, 1, 2]
            for (target, source) in sources.enumerated() { result[target] += planes[source] }
        }
        return result
    }

    private static func readModule(_ path: String) throws -> [[Float]] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CalibrationFileError(path: path, problem: String(cString: strerror(errno)), advice: "check the path")
        }
        defer { close(descriptor) }
        var status = stat()
        let bytes = fstat(descriptor, &status) == 0 ? Int(status.st_size) : -1
        guard [3, 4, 6].contains(where: { bytes == $0 * pixels * 8 }) else {
            throw CalibrationFileError(
                path: path, problem: "expected 3, 4 or 6 planes of \(pixels * 8) bytes, found \(bytes) bytes",
                advice: "it may be cut off, or no gain map")
        }
        return try (0..<bytes / pixels / 8).map { _ in try readPlane(descriptor, path) }
    }

    private static func readPlane(_ descriptor: Int32, _ path: String) throws -> [Float] {
        var plane = [UInt64](repeating: 0, count: pixels)
        let failure: String? = plane.withUnsafeMutableBytes { buffer in
            var filled = 0
            while filled < buffer.count {
                let count = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
                if count < 0, errno == EINTR { continue }
                if count < 0 { return String(cString: strerror(errno)) }
                if count == 0 { return "the file became shorter while it was read" }
                filled += count
            }
            return nil
        }
        if let failure { throw CalibrationFileError(path: path, problem: failure) }
        return [Float](unsafeUninitializedCapacity: pixels) { values, count in
            while count < pixels {
                values[count] = Float(Double(bitPattern: UInt64(littleEndian: plane[count])))
                count &+= 1
            }
        }
    }
}
