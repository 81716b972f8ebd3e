/// Memory for images: a fixed number of slots that are claimed, filled, published and reused.
///
/// One thread at a time fills a slot; a published slot is never written until every ``Image`` that holds it is gone.
/// `DAQBuffer.ImageRing` is the implementation that programs use.
public protocol ImageBuffer: AnyObject, Sendable {
    /// Shape and type of every image.
    var format: ImageFormat { get }
    /// Number of slots.
    var slotCount: Int { get }

    /// Whether no slot was ever claimed, so that all bytes are still 0.
    var isFresh: Bool { get }

    /// Takes a free slot to fill, the one that was free for the longest time.
    ///
    /// - Returns: `nil` when every slot is being filled or held by somebody; the caller counts the loss.
    func claim() -> Int?

    /// The pixels of a slot that the caller has claimed or holds.
    func bytes(of slot: Int) -> UnsafeMutableRawBufferPointer

    /// Gives a claimed slot back without publishing it.
    func abandon(_ slot: Int)

    /// Publishes a claimed and filled slot.
    func publish(_ slot: Int, _ metadata: ImageMetadata) -> Image
}
