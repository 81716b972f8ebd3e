/// A step of your own that looks at every image, before files and streams get it.
///
/// A stage sees pixels and metadata, answers whether the image is kept, and may annotate it. It never changes pixels.
/// One thread calls a stage, image after image, so its own state needs no lock.
public protocol ImageStage: AnyObject, Sendable {
    /// Name in counters, logs and the reasons of dropped images.
    var name: String { get }

    /// Looks at an image.
    ///
    /// - Throws: anything; the image is then kept without annotations of this stage, and the failure is counted.
    func process(_ image: Image) throws -> StageOutcome
}

/// What a stage says about an image.
public enum StageOutcome: Sendable, Equatable {
    /// The image goes on, with these annotations added.
    case keep([Annotation] = [])
    /// The image goes to no sink; the reason is counted.
    case drop(reason: String)
}
