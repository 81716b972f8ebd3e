/// Images that were published and can still be had, although nobody may hold them any more.
///
/// `DAQBuffer.ImageRing` is one: a slot keeps its image until it is filled with another one.
public protocol ImageHistory: AnyObject, Sendable {
    /// The images that are there, in the order in which they were published.
    ///
    /// Any of them may be overwritten in the next moment.
    var history: [PublishedImage] { get }

    /// Takes an image, which then stays as long as any copy of it exists.
    ///
    /// What is known about it is what the ring's index has room for.
    ///
    /// - Returns: `nil` when the image is not there any more.
    func image(_ key: ImageKey) -> Image?
}

/// An image that was published.
public struct PublishedImage: Sendable, Hashable {
    /// What tells it from all others.
    public var key: ImageKey
    /// Counts the published images: nothing was published between two images with consecutive numbers.
    public var publication: UInt64

    /// An image that was published.
    public init(_ key: ImageKey, publication: UInt64) {
        self.key = key
        self.publication = publication
    }
}
