import Glibc

/// Why a ring cannot be made.
public enum RingError: Error, Equatable, CustomStringConvertible {
    /// The sizes make no sense.
    case size(slots: Int, slotBytes: Int, imageBytes: Int)
    /// The budget of the configuration holds too few images.
    case tooSmall(slots: Int, least: Int, bytes: Int)
    /// The memory is not to be had.
    case memory(bytes: Int, errno: Int32)

    /// What went wrong and what to do about it.
    public var description: String {
        switch self {
        case .size(let slots, let slotBytes, let imageBytes):
            "a ring of \(slots) slots of \(slotBytes) bytes cannot hold images of \(imageBytes) bytes"
        case .tooSmall(let slots, let least, let bytes):
            "the ring would hold \(slots) images and needs room for \(least); set ring.bytes to \(bytes) or more"
        case .memory(let bytes, let errno):
            """
            no memory for a ring of \(bytes / 1_048_576) MiB (\(String(cString: strerror(errno)))); make ram_buffer_gb or ring.bytes \
            smaller
            """
        }
    }
}
