import Glibc

/// Why a ring cannot be made or read.
public enum RingError: Error, Equatable, CustomStringConvertible {
    /// The sizes make no sense.
    case size(slots: Int, slotBytes: Int, imageBytes: Int)
    /// The budget of the configuration holds too few images.
    case tooSmall(slots: Int, least: Int, bytes: Int)
    /// The memory is not to be had.
    case memory(bytes: Int, errno: Int32)
    /// The file system of the shared memory has too little space.
    case space(name: String, bytes: Int, free: Int, errno: Int32)
    /// A name that cannot be one.
    case name(String)
    /// The system refuses something about an object.
    case object(name: String, action: String, errno: Int32)
    /// An object belongs to somebody else, and its permissions do not let this process in.
    case denied(name: String, action: String, owner: String)
    /// Another process owns the ring.
    case owned(name: String, by: String)
    /// There is no such ring.
    case absent(name: String, existing: [String])
    /// The objects of that name are not a ring that this version can read.
    case foreign(name: String, reason: String)
    /// As many readers as can hold leases do.
    case readers(name: String, limit: Int)
    /// Images of another layout of pixels are still held.
    case held(images: Int)
    /// The std-daq layout cannot hold these images.
    case stdDAQ(reason: String)
    /// The std-daq services have no images on this host.
    case noServices(object: String)
    /// The images of the std-daq services cannot be read.
    case services(object: String, reason: String)

    /// What went wrong and what to do about it.
    public var description: String {
        switch self {
        case .size(let slots, let slotBytes, let imageBytes):
            "a ring of \(slots) slots of \(slotBytes) bytes cannot hold images of \(imageBytes) bytes"
        case .tooSmall(let slots, let least, let bytes):
            "the ring would hold \(slots) images and needs room for \(least); set ring.bytes to \(bytes) or more"
        case .memory(let bytes, let errno):
            """
            no memory for a ring of \(bytes / 1_048_576) MiB (\(Self.text(errno))); make ram_buffer_gb or ring.bytes \
            smaller
            """
        case .space(let name, let bytes, let free, let errno):
            """
            \(SharedObject.folder)/\(name) needs \(bytes) bytes and \(free) are free (\(Self.text(errno))); make ring.bytes or \
            ram_buffer_gb smaller, remove what is not needed (daqctl ring list), or enlarge it: \
            sudo mount -o remount,size=SIZE \(SharedObject.folder)
            """
        case .name(let name):
            "\"\(name)\" cannot be the name of a ring: 1 to 200 bytes without spaces and slashes; set ring.name"
        case .object(let name, let action, let errno):
            "cannot \(action) \(SharedObject.folder)/\(name): \(Self.text(errno))"
        case .denied(let name, let action, let owner):
            """
            cannot \(action) \(SharedObject.folder)/\(name): it belongs to \(owner); run this as that user or a member of that \
            group, or give a run of your own another name (ring.name)
            """
        case .owned(let name, let owner):
            "the ring \"\(name)\" is being filled by \(owner); end it first, or give this one another name (ring.name)"
        case .absent(let name, let existing):
            "there is no ring \"\(name)\" on this host; "
                + (existing.isEmpty
                    ? "there is none at all: is daqctl run running?" : "there is: \(existing.joined(separator: ", "))")
        case .foreign(let name, let reason): "\(SharedObject.folder)/\(name) cannot be used: \(reason)"
        case .readers(let name, let limit):
            "\(limit) processes hold images of the ring \"\(name)\", which is the most; end one of them"
        case .held(let images):
            "\(images) images of another layout of pixels are still held; let them go before the ring is used for this detector"
        case .stdDAQ(let reason): "ring.layout std-daq: \(reason)"
        case .noServices(let object):
            "\(SharedObject.folder)/\(object) is not there: do the std-daq services of this detector run on this host, and is its "
                + "name right?"
        case .services(let object, let reason): "\(SharedObject.folder)/\(object) cannot be read: \(reason)"
        }
    }

    /// The system's reason, where there is one.
    var reason: String {
        switch self {
        case .object(_, _, let errno): Self.text(errno)
        case .denied(_, _, let owner): "it belongs to \(owner)"
        default: description
        }
    }

    private static func text(_ errno: Int32) -> String { String(cString: strerror(errno)) }
}
