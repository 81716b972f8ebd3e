import CDAQLinux
import Glibc

/// Blocks of a file system that are kept for when there are no others: a file without a name, as large as they are.
final class SpareBlocks {
    private let descriptor: Int32

    /// Takes blocks.
    ///
    /// - Parameter path: a file of the file system.
    /// - Returns: `nil` where there is no space, or where the file system has no files without a name.
    init?(_ bytes: Int, besides path: String) {
        let directory = PartNames(path).directory
        descriptor = cdaq_file_open_unnamed(directory.isEmpty ? "." : directory)
        guard descriptor >= 0, cdaq_file_reserve(descriptor, 0, Int64(bytes)) == 0 else { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
