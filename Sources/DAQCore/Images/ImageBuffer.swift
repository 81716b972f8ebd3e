/// Memory for images: a fixed number of slots that are claimed, filled, published and reused.
///
/// One thread at a time fills a slot; a published slot is never written until every ``Image`` that holds it is gone.
/// `DAQBuffer.ImageRing` is the implementation that programs use.
public protocol ImageBuffer: AnyObject, Sendable {
    /// Shape and type of every image.
    var format: ImageFormat { get }
    /// Number of slots.
    var slotCount: Int { get }

    /// Why ``claim(for:)`` finds no slot.
    var refusal: ImageDropReason { get }

    /// Makes slots ready for images whose gaps nothing writes later, unless they are.
    ///
    /// - Parameters:
    ///   - layout: says where the gaps are; slots that were made ready for the same one need nothing.
    ///   - isZero: whether memory that was never used is ready as it is.
    ///   - prepare: makes a slot ready.
    /// - Throws: when images of another layout are still held.
    func prepareSlots(for layout: UInt64, isZero: Bool, _ prepare: (UnsafeMutableRawBufferPointer) -> Void) throws

    /// Takes a free slot to fill with an image: the one that was free for the longest time, or the one that the id asks for.
    ///
    /// - Parameter asksAgain: whether the caller will ask again, so that finding none is no loss yet.
    /// - Returns: `nil` when every slot, or that one, is being filled or held by somebody; the caller counts the loss by
    ///   ``refusal``.
    func claim(for id: UInt64, asksAgain: Bool) -> Int?

    /// The pixels of a slot that the caller has claimed or holds.
    func bytes(of slot: Int) -> UnsafeMutableRawBufferPointer

    /// Gives a claimed slot back without publishing it.
    func abandon(_ slot: Int)

    /// Publishes a claimed and filled slot.
    func publish(_ slot: Int, _ metadata: ImageMetadata) -> Image
}

extension ImageBuffer {
    /// Takes a free slot to fill with an image; finding none is a loss.
    public func claim(for id: UInt64) -> Int? { claim(for: id, asksAgain: false) }
}
