public import DAQCore

/// What has become of the images of a write session.
///
/// received = written + dropped + waiting, at any time.
public struct WriteProgress: Sendable, Equatable {
    /// Images that are part of the session and have come.
    public var received: UInt64 = 0
    /// Images handed to the file; after a failure only ``flushed`` of them are certain to be in it.
    public var written: UInt64 = 0
    /// Images that are on the disk and can be read there, whatever happens now.
    public var flushed: UInt64 = 0
    /// Images that came and are not in the file, by reason.
    public var dropped: [WriteLoss: UInt64] = [:]
    /// Ids of the session, up to the newest image, of which no image came.
    public var missing: UInt64 = 0
    /// Bytes of images as they are in the file.
    public var bytes: UInt64 = 0
    /// The first image that is part of the session.
    public var first: ImageKey?
    /// The newest one.
    public var last: ImageKey?

    /// Nothing yet.
    public init() {}

    /// Images that came and are not in the file.
    public var lost: UInt64 { dropped.values.reduce(0, +) }
    /// Images that came and are not decided.
    public var waiting: UInt64 { received - written - lost }
}

/// Why an image of a session is not in its file.
public enum WriteLoss: String, Sendable, Hashable, CaseIterable {
    /// The session held as many images as it may: its disk is too slow.
    case queueFull
    /// The session had failed, with this image or before.
    case failed
    /// It was in the ring when the session began, and was overwritten before the session could hold it.
    case overwritten
}
