/// Decides for every packet of one port which frame it belongs to, and when a frame is over.
///
/// Several consecutive frames may be open at once, so packets can arrive in any order within that window. A frame is over
/// when it is complete, when the window has moved past it, or when nothing has arrived for it for the flush time. The type
/// is told packet numbers and times and answers; it holds no pixels and reads no clock.
struct FrameReassembler: ~Copyable {
    /// A frame of which at least one packet has arrived.
    struct Frame: BitwiseCopyable {
        var number: UInt64
        var image: ImageKey
        /// Where its pixels go.
        var destination: FrameDestination
        var received = PacketSet()
        var count = 0
        var lastPacketAt: UInt64 = 0
    }

    /// What a packet is to this port.
    enum Verdict: Equatable {
        /// New for the frame with this index.
        case adds(Int)
        /// New, and the frame with this index is now complete.
        case completes(Int)
        /// The frame already has it.
        case duplicate
        /// First of a frame inside the window; ``open(_:)`` comes next.
        case begins
        /// Of a frame before the window.
        case below
        /// Of a frame after the window, or there is no window yet.
        case ahead
    }

    let packetsPerFrame: Int
    let window: Int
    let step: UInt64
    /// Frame numbers the window spans.
    private let span: UInt64
    /// Frames below this number are over; `nil` until the first one opens the window.
    private(set) var low: UInt64?
    /// The highest image id among the frames that are over.
    private(set) var passedImage: UInt64?
    /// Ascending by number, at most `window`.
    private(set) var frames: FixedList<Frame>
    /// Index of the frame of the last packet: the next one most often belongs there too.
    private var recent = 0

    init(packetsPerFrame: Int, window: Int, step: UInt64) {
        self.packetsPerFrame = packetsPerFrame
        self.window = window
        self.step = step
        span = UInt64(window).saturatingProduct(step)
        frames = FixedList(capacity: window)
    }

    /// Sorts a packet in.
    @inline(__always)
    mutating func accept(frame number: UInt64, packet: Int, at time: UInt64) -> Verdict {
        if recent < frames.count, frames[recent].number == number { return add(packet, at: time) }
        return search(frame: number, packet: packet, at: time)
    }

    private mutating func search(frame number: UInt64, packet: Int, at time: UInt64) -> Verdict {
        guard let low else { return .ahead }
        // Open frames come first: one beside the step may lie below the window and is still open.
        for index in 0..<frames.count where frames[index].number == number {
            recent = index
            return add(packet, at: time)
        }
        if number < low { return .below }
        return number - low < span && frames.count < window ? .begins : .ahead
    }

    @inline(__always)
    private mutating func add(_ packet: Int, at time: UInt64) -> Verdict {
        guard frames[recent].received.insert(packet) else { return .duplicate }
        frames[recent].lastPacketAt = time
        frames[recent].count += 1
        return frames[recent].count == packetsPerFrame ? .completes(recent) : .adds(recent)
    }

    /// Opens a frame; the caller has seen ``Verdict/begins``, or has made room with ``moveWindow(to:over:)``.
    mutating func open(_ frame: Frame) {
        if low == nil { low = frame.number }
        var index = frames.count
        while index > 0, frames[index - 1].number > frame.number { index -= 1 }
        frames.insert(frame, at: index)
        recent = index
    }

    /// Whether a frame number lies in the window or less than another one beyond it, so that one packet is enough to believe it.
    func isNear(_ number: UInt64) -> Bool { low.map { number < $0.saturatingSum(span.saturatingProduct(2)) } ?? false }

    /// Whether a frame number lies at most a window behind the window, where late packets and copies come from.
    func isJustBehind(_ number: UInt64) -> Bool { low.map { number < $0 && $0 - number <= span } ?? false }

    /// Begins the window at `start`, if there is none yet and frame `number` fits into one that begins there.
    mutating func startWindow(at start: UInt64, ifReaching number: UInt64) {
        if low == nil, start <= number, number - start < span { low = start }
    }

    /// Moves the window up so far that frame `number` fits; frames that fall out are over.
    mutating func moveWindow(to number: UInt64, over: (Frame) -> Void) {
        guard let old = low else { return }
        let reach = span - step
        var newLow = max(old, number > reach ? number - reach : 0)
        while let first = frames.first, first.number < newLow || frames.count >= window {
            newLow = max(newLow, first.number.saturatingSum(step))
            pop(over)
        }
        low = newLow
        slide(over)
    }

    /// Moves the window over frames that are complete and follow without a gap.
    mutating func slide(_ over: (Frame) -> Void) {
        while let first = frames.first, let low, first.count == packetsPerFrame {
            // Frames beside the step, which only a wrong step or a stranger makes, may lie below the window.
            guard first.number <= low || first.number - low < step else { return }
            pop(over)
        }
    }

    /// Ends frames of which nothing has arrived for `timeout`, oldest first, up to the first that is still coming.
    mutating func flush(at time: UInt64, timeout: UInt64, over: (Frame) -> Void) {
        while let first = frames.first, time >= first.lastPacketAt + timeout { pop(over) }
        slide(over)
    }

    /// Ends all frames up to those of an image.
    mutating func close(through image: ImageKey, over: (Frame) -> Void) {
        while let first = frames.first, first.image <= image { pop(over) }
        slide(over)
    }

    /// Ends all frames and forgets the window: the counter has jumped.
    mutating func reset(over: (Frame) -> Void) {
        while !frames.isEmpty { pop(over) }
        low = nil
        passedImage = nil
    }

    private mutating func pop(_ over: (Frame) -> Void) {
        let frame = frames.removeFirst()
        low = max(low ?? 0, frame.number.saturatingSum(step))
        passedImage = max(passedImage ?? 0, frame.image.id)
        recent = recent > 0 ? recent - 1 : 0
        // A complete frame was reported when its last packet came.
        if frame.count < packetsPerFrame { over(frame) }
    }
}

/// Where the packets of a frame go.
enum FrameDestination: Equatable, BitwiseCopyable {
    case slot(Int)
    /// The ring had no slot for the image.
    case noFreeSlot
    /// The image was already published, or given up for this port.
    case late
}
