/// The evidence on one port that the frame counter has jumped: the detector was restarted, or frames were lost in bulk.
///
/// A packet outside the window is not believed by itself; it is held until others agree, so that one wild or very late
/// packet changes nothing. Packets inside the window that arrive meanwhile speak against the jump.
struct CounterJump {
    /// So many packets make a port believe in a jump (or a whole frame, if it has fewer).
    static let votingPackets = 8

    /// So many, half a frame, make it believe in a jump to frames that it has just left: a few copies that come late, while the
    /// stream pauses, look the same.
    private var votingPacketsJustBehind: Int { max(Self.votingPackets, packetsPerFrame / 2) }

    /// So many packets a port can hold: a whole frame, and enough for all ports to be read in the meantime.
    static func capacity(packetsPerFrame: Int) -> Int { max(packetsPerFrame, 64) }

    /// The side on which the held packets lie.
    enum Direction {
        case below, ahead
    }

    /// The direction of the first held packet.
    private(set) var direction = Direction.ahead
    /// Lowest frame number among the held packets.
    private(set) var lowestFrame: UInt64 = 0
    /// Lowest image id among the held packets.
    private(set) var lowestImage: UInt64 = 0
    /// When the first held packet came.
    private(set) var since: UInt64 = 0
    /// Number of held packets.
    private(set) var held = 0
    /// The frame of the first held packet.
    private var firstFrame: UInt64 = 0
    /// Whether all held packets may be late ones of frames that the port has just left.
    private var mayBeLate = true
    /// Packets accepted inside the window since the first one was held.
    private var against = 0

    let packetsPerFrame: Int
    /// Frames that may lie between the first held frame and another one that confirms it.
    let reach: UInt64

    init(packetsPerFrame: Int, reach: UInt64) {
        self.packetsPerFrame = packetsPerFrame
        self.reach = reach
    }

    /// What to do with a packet outside the window.
    enum Verdict {
        case hold
        /// Give up what is held, then hold this one.
        case replace
        /// It agrees with nothing; the held packets are the better evidence.
        case reject
    }

    /// Whether a packet may be held; the caller holds it and calls ``hold(frame:image:direction:at:)``.
    func judge(frame: UInt64, direction: Direction) -> Verdict {
        guard held > 0 else { return .hold }
        let distance = frame > firstFrame ? frame - firstFrame : firstFrame - frame
        if direction == self.direction, distance < reach {
            return held < Self.capacity(packetsPerFrame: packetsPerFrame) ? .hold : .reject
        }
        return votes ? .reject : .replace
    }

    /// Adds a packet that the caller keeps.
    ///
    /// - Parameter mayBeLate: whether its frame lies where late packets come from.
    mutating func hold(frame: UInt64, image: UInt64, direction: Direction, mayBeLate: Bool = false, at time: UInt64) {
        if held == 0 {
            self.direction = direction
            (firstFrame, lowestFrame, lowestImage, since) = (frame, frame, image, time)
        }
        held += 1
        self.mayBeLate = self.mayBeLate && mayBeLate
        lowestFrame = min(lowestFrame, frame)
        lowestImage = min(lowestImage, image)
    }

    /// A packet inside the window was accepted.
    ///
    /// - Returns: whether the evidence is refuted; the caller then gives up what it holds.
    mutating func contradict() -> Bool {
        against += 1
        return against >= max(Self.votingPackets, held)
    }

    /// Whether this port believes in the jump.
    var votes: Bool { held >= min(mayBeLate ? votingPacketsJustBehind : Self.votingPackets, packetsPerFrame) }

    /// Forgets everything.
    mutating func clear() { self = CounterJump(packetsPerFrame: packetsPerFrame, reach: reach) }
}
