/// Counts the frames of a port that are over: complete, or left behind by newer ones.
///
/// As when images are made, a packet outside the window is no evidence by itself: a wild frame number changes nothing, and a
/// counter that starts again, or goes on far ahead, is followed when eight packets or a whole frame agree.
struct FrameCounter: ~Copyable {
    private var reassembler: FrameReassembler
    private var jump: CounterJump
    /// The packets that speak of the jump: fewer than make it believed.
    private var held: [PacketHeader] = []
    /// Frames that are over.
    private(set) var framesOver = 0

    /// A counter of no frames yet.
    ///
    /// - Parameters:
    ///   - window: frames that may be open at once.
    ///   - step: from a frame number to the next one.
    init(packetsPerFrame: Int, window: Int, step: UInt64) {
        reassembler = FrameReassembler(packetsPerFrame: packetsPerFrame, window: window, step: step)
        jump = CounterJump(packetsPerFrame: packetsPerFrame, reach: UInt64(window).saturatingProduct(step))
    }

    /// Whether so many packets have agreed that the port counts.
    var hasStarted: Bool { reassembler.low != nil }

    /// Takes the header of a packet.
    mutating func add(_ header: PacketHeader) {
        let number = header.frameNumber
        switch reassembler.accept(frame: number, packet: header.packet, at: 0) {
        case .duplicate: break
        case .adds: contradict()
        case .completes:
            framesOver += 1
            reassembler.slide { _ in }
            contradict()
        case .begins: open(header)
        case .ahead: if reassembler.isNear(number) { open(header) } else { hold(header, .ahead) }
        case .below: hold(header, .below)
        }
    }

    private mutating func open(_ header: PacketHeader) {
        var over = 0
        reassembler.moveWindow(to: header.frameNumber) { _ in over += 1 }
        framesOver += over
        reassembler.open(
            .init(
                number: header.frameNumber, image: ImageKey(segment: 0, id: header.frameNumber), destination: .late))
        add(header)
    }

    /// The port goes on as before.
    private mutating func contradict() {
        if jump.held > 0, jump.contradict() { forget() }
    }

    private mutating func hold(_ header: PacketHeader, _ direction: CounterJump.Direction) {
        switch jump.judge(frame: header.frameNumber, direction: direction) {
        case .reject: return
        case .replace: forget()
        case .hold: break
        }
        held.append(header)
        jump.hold(frame: header.frameNumber, image: header.frameNumber, direction: direction, at: 0)
        guard jump.votes else { return }
        let (believed, lowest) = (held, jump.lowestFrame)
        forget()
        var over = 0
        reassembler.reset { _ in over += 1 }
        framesOver += over
        reassembler.startWindow(at: lowest, ifReaching: lowest)
        // They lie in the window or near it now, so none of them is held again.
        for header in believed { add(header) }
    }

    private mutating func forget() {
        jump.clear()
        held.removeAll(keepingCapacity: true)
    }
}
