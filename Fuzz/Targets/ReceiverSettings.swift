import DAQBuffer
import DAQCore
import Synchronization

/// The detector and the settings of a run of the receive core, as the first three bytes of an input choose them.
struct ReceiverSettings {
    let detector: FuzzDetector
    let configuration: DetectorConfiguration
    let ring: ImageRing

    init(_ input: inout FuzzInput) {
        let detector = FuzzDetector.allCases[input.number(below: FuzzDetector.allCases.count)]
        let rules = Int(input.byte())
        let sizes = Int(input.byte())
        var configuration = detector.configuration
        configuration.imageID = [.frameNumber, .bunchID, .bunchIDFloat64, .frameNumber][rules & 3]
        configuration.incomplete = rules & 4 == 0 ? .emit : .drop
        if rules & 8 != 0 { configuration.maxIDGap = 20 }
        if rules & 16 != 0 { configuration.imageIDStep = 2 }
        configuration.receive.window = [2, 3, 4, 8][sizes & 3]
        self.detector = detector
        self.configuration = configuration
        ring = Self.ring(of: detector, configuration, slots: [3, 6, 12, 24][sizes >> 2 & 3])
    }

    /// Rings outlive a run: making one takes longer than a run, and a slot that a run keeps is missing in the next.
    private static let rings = Mutex([String: ImageRing]())

    private static func ring(of detector: FuzzDetector, _ configuration: DetectorConfiguration, slots: Int) -> ImageRing {
        rings.withLock { rings in
            let key = "\(detector) \(slots)"
            if let ring = rings[key] { return ring }
            do {
                let ring = try ImageRing(
                    format: configuration.imageFormat, slotBytes: try ImageAssembler.slotBytes(for: configuration), slots: slots)
                rings[key] = ring
                return ring
            } catch {
                preconditionFailure("\(error)")
            }
        }
    }
}
