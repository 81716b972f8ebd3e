public import DAQCore
import Synchronization

/// Takes a pedestal from the dark images of a run, and writes it when the run ends.
///
/// The images must be raw, with the modules stacked (``DAQCore/DetectorConfiguration/stackedRaw()``).
public final class PedestalWriter: ImageSink {
    /// Name in the ledger and in messages.
    public let name = "pedestal"
    private let path: String
    private let window: Int
    private let overwrite: Bool
    private let accumulator = Mutex<PedestalAccumulator?>(nil)

    /// A writer of one pedestal file.
    ///
    /// - Parameter window: the average is over so many of the latest images of each gain stage.
    public init(path: String, window: Int = 1000, overwrite: Bool = false) {
        self.path = path
        self.window = window
        self.overwrite = overwrite
    }

    /// How many images were used in each gain stage, and how many were not.
    public var counts: DarkFrameCounts { accumulator.withLock { $0?.counts } ?? DarkFrameCounts() }

    /// Checks that the file can be created, and begins to add up.
    public func open(_ run: RunDescription) throws {
        try FilePath.checkCreatable(path, overwrite: overwrite)
        let modules = run.configuration.moduleCount
        let absent = Set(0..<modules).subtracting(run.configuration.placedModules)
        accumulator.withLock { $0 = PedestalAccumulator(modules: modules, window: window, absentModules: absent) }
    }

    /// Adds a dark image.
    public func accept(_ image: Image) throws {
        let metadata = image.metadata
        // The bits in which any module's word differs from the first one's make the second word.
        let information = [metadata.information, metadata.information ^ metadata.informationDifference]
        accumulator.withLock { accumulator in
            image.withBytes { bytes in
                _ = accumulator?.add(bytes, isGood: metadata.status == .good, information: information)
            }
        }
    }

    /// Writes the file.
    ///
    /// - Throws: `PedestalError` when a gain stage was never seen, `HDF5Error` when the file cannot be written.
    public func close() throws {
        guard let pedestal = try accumulator.withLock({ try $0?.result() }) else { return }
        try PedestalFile.write(
            means: pedestal.means, deviations: pedestal.deviations, mask: pedestal.mask, to: path, overwrite: overwrite)
    }
}
