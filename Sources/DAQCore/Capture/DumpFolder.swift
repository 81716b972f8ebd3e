internal import Glibc

/// A folder of std-daq dumps, one file `<port>.dat` a UDP port.
public struct DumpFolder: Sendable, Hashable {
    /// Where the folder is.
    public let path: String
    /// The ports it has files of, in ascending order.
    public let ports: [Int]

    /// Looks for dumps in a folder; other files are passed over.
    ///
    /// - Throws: when the folder cannot be read or holds no dump.
    public init(path: String) throws(CaptureError) {
        guard let folder = opendir(path) else {
            throw CaptureError(.system, path: path, "cannot be opened: \(String(cString: strerror(errno)))")
        }
        defer { closedir(folder) }
        var ports: [Int] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasSuffix(".dat"), let port = UInt16(name.dropLast(4)), "\(port).dat" == name else { continue }
            ports.append(Int(port))
        }
        guard !ports.isEmpty else {
            throw CaptureError(.empty, path: path, "holds no dump; expected files named <port>.dat, such as 50020.dat")
        }
        self.path = path
        self.ports = ports.sorted()
    }

    /// Opens the dump of a port.
    public func file(port: Int) throws(CaptureError) -> DumpFile {
        try DumpFile(path: "\(path)/\(port).dat")
    }
}
