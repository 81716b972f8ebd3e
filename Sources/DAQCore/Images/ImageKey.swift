/// What tells an image from all others of a run; keys ascend in the order in which images are published.
public struct ImageKey: Sendable, Hashable, Comparable, BitwiseCopyable, CustomStringConvertible {
    /// Counts the restarts of the detector's counter.
    public var segment: UInt32
    /// The image id.
    public var id: UInt64

    /// The key of an image.
    public init(segment: UInt32 = 0, id: UInt64) {
        self.segment = segment
        self.id = id
    }

    /// Whether the left image was published before the right one.
    public static func < (left: ImageKey, right: ImageKey) -> Bool {
        (left.segment, left.id) < (right.segment, right.id)
    }

    /// The id, and the segment unless it is the first.
    public var description: String { segment == 0 ? "\(id)" : "\(id) of segment \(segment)" }
}

extension ImageMetadata {
    /// What tells the image from all others of the run.
    public var key: ImageKey { ImageKey(segment: segment, id: id) }
}
