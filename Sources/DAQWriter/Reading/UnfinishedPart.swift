import CDAQLinux
import Glibc

/// A part of a run that lies beside the run's file and is not shown by it.
public struct UnfinishedPart: Sendable, Equatable {
    /// What is known of its writer.
    public enum Writer: String, Sendable, Hashable {
        /// It is at work.
        case writing
        /// It has ended without completing the part.
        case killed
        /// This process may not look.
        case unknown
    }

    /// The part.
    public var path: String
    /// Who writes it.
    public var writer: Writer

    /// The parts beside a file that are not complete.
    ///
    /// - Parameter path: the file that was asked for when writing began.
    public static func beside(_ path: String) -> [UnfinishedPart] {
        let names = PartNames(path)
        return names.existing().partials.map { UnfinishedPart(path: names.partial($0), writer: writer(of: names.partial($0))) }
    }

    /// Asks without taking the lock, so that no writer notices.
    private static func writer(of path: String) -> Writer {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .unknown }
        defer { close(descriptor) }
        switch cdaq_byte_is_locked(descriptor, 0) {
        case 0: return .killed
        case 1: return .writing
        default: return .unknown
        }
    }
}
