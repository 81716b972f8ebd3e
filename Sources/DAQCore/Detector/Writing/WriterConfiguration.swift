/// How images are written to files, and where (`writer.*`).
///
/// What a command line or a write request says goes before it.
public struct WriterConfiguration: Sendable, Equatable {
    /// `writer.format`: the layout.
    public var format = FileFormat.stack
    /// `writer.file_mode`: the promise.
    public var mode = FileMode.safe
    /// `writer.compression`: how the pixels are packed.
    public var compression = FileCompression.none
    /// `writer.images_per_file`; `nil` for no limit.
    public var imagesPerFile: Int?
    /// `writer.bytes_per_file`, of pixels; `nil` for no limit.
    public var bytesPerFile: Int?
    /// `writer.seconds_per_file`: seconds after which a file is complete, in ``FileMode/safe``; 0 for no limit.
    public var secondsPerFile = 30.0
    /// `writer.direct_io`: whether pixels go past the page cache where the file system can.
    public var bypassesPageCache = false
    /// `writer.roots`: directories below which files may be written; empty for anywhere.
    public var roots: [String] = []
    /// `writer.owner`: the user the files are given to; `nil` for the one that writes them.
    public var owner: String?
    /// `writer.group`: the group of the files; `nil` for the usual one.
    public var group: String?
    /// `writer.permissions` in octal digits, such as "640"; `nil` for what the umask leaves.
    public var permissions: String?

    /// The defaults: a plain stack, safe, a file every 30 seconds at the latest.
    public init() {}

    package static let permissionsExpected = "three octal digits, such as \"640\", with which the owner can read and write"

    /// Permissions from their octal digits; `nil` for anything that makes no sense for a file of data.
    package static func permissions(_ digits: String) -> UInt32? {
        guard digits.utf8.count <= 4, let value = UInt32(digits, radix: 8), value & ~0o666 == 0, value & 0o600 == 0o600 else {
            return nil
        }
        return value
    }
}
