import Foundation

/// A folder of one test, removed with everything in it when the test ends.
final class WorkFolder: Sendable {
    /// Path of the folder, which other users may read.
    let path: String

    init() throws {
        var template = Array((NSTemporaryDirectory() + "/daq-integration-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure("no temporary folder: \(String(cString: strerror(errno)))") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, 0o755)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Path of something in the folder.
    subscript(name: String) -> String { "\(path)/\(name)" }

    /// Writes a text file and returns its path.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: self[name], atomically: false, encoding: .utf8)
        return self[name]
    }
}

/// Something a test needs did not happen.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
