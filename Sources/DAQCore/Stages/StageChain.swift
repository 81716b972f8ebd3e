/// The stages of a pipeline, in order, as one immutable revision.
struct StageChain: Sendable {
    /// Names this chain in the metadata of the images it processed.
    let revision: UInt64
    let stages: [any ImageStage]

    /// Shows an image to every stage in turn.
    ///
    /// A stage that fails is bypassed: the image goes on without its annotations, and the first failure is counted.
    ///
    /// - Returns: the annotated image, or `nil` when a stage drops it.
    func process(_ image: Image, _ ledger: inout ChainLedger) -> Image? {
        var image = image
        // A chain without stages changes nothing about an image that another process has let through its own.
        if !stages.isEmpty || image.metadata.chainRevision == 0 { image.metadata.chainRevision = revision }
        ledger.entered += 1
        var failure: StageReason?
        for stage in stages {
            do {
                switch try stage.process(image) {
                case .keep(let annotations):
                    image.metadata.annotations += annotations
                case .drop(let reason):
                    ledger.dropped[StageReason(stage: stage.name, reason: reason), default: 0] += 1
                    return nil
                }
            } catch {
                failure = failure ?? StageReason(stage: stage.name, reason: "\(error)")
            }
        }
        if let failure {
            ledger.failed[failure, default: 0] += 1
        } else {
            ledger.kept += 1
        }
        return image
    }
}
