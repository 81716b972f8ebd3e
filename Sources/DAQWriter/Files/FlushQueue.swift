import Dispatch
import Synchronization

/// What has to wait for the disk, one piece after another, while images are written on.
///
/// The disk may be slower than the detector for a while: up to two pieces wait, then ``add(images:_:)`` does.
final class FlushQueue: Sendable {
    private struct State {
        var flushed = 0
        var failure: HDF5Error?
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "daq.flush")
    private let room = DispatchSemaphore(value: 2)

    private let answers = Atomic<UInt64>(0)

    /// Goes up whenever the disk has answered.
    var activity: UInt64 { answers.load(ordering: .relaxed) }
    /// Images that are on the disk and can be read.
    var flushed: Int { state.withLock { $0.flushed } }
    /// The first failure; nothing is done after it.
    var failure: HDF5Error? { state.withLock { $0.failure } }

    /// Adds a piece of work.
    ///
    /// - Parameters:
    ///   - images: images of the run that are on the disk when the work is done.
    ///   - work: calls what it is given whenever the disk has answered.
    func add(images: Int, _ work: @escaping @Sendable (_ progress: () -> Void) throws(HDF5Error) -> Void) {
        room.wait()
        queue.async { [self] in
            defer { room.signal() }
            guard failure == nil else { return }
            do throws(HDF5Error) {
                try work { answers.wrappingAdd(1, ordering: .relaxed) }
                state.withLock { $0.flushed = max($0.flushed, images) }
            } catch {
                state.withLock { $0.failure = error }
            }
        }
    }

    /// Waits until all work is done.
    func drain() { queue.sync {} }
}
