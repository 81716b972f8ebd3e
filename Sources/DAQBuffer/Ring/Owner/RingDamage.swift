import DAQCore

/// What another program has done to the memory of a ring.
public enum RingDamage: Sendable, Equatable, CustomStringConvertible {
    /// The name is gone or leads to another object: new readers do not find the images.
    case unlinked(object: String)
    /// The object is too small: touching what is missing would end this process.
    case truncated(object: String, bytes: Int, expected: Int)

    /// What happened and what to do about it.
    public var description: String {
        switch self {
        case .unlinked(let object):
            "another program has removed \(SharedObject.folder)/\(object); images are refused: start this run again"
        case .truncated(let object, let bytes, let expected):
            "another program has cut \(SharedObject.folder)/\(object) from \(expected) to \(bytes) bytes; images are refused: "
                + "give all programs the same configuration and start again"
        }
    }
}

extension RingObjects.Shared {
    /// What has happened to the objects.
    func damage(_ geometry: RingGeometry) -> RingDamage? {
        for (object, expected) in [
            (pixels, geometry.pixelBytes), (index, geometry.index.indexBytes), (leases, geometry.index.leaseBytes),
        ] {
            if object.size < expected { return .truncated(object: object.name, bytes: object.size, expected: expected) }
            if !object.isLinked { return .unlinked(object: object.name) }
        }
        return nil
    }
}
