import DAQCore
import DAQSimulator

/// Everything that a seed decides before a run begins.
struct Scenario {
    /// How bad things get.
    enum Weather: String {
        /// Loss, damage, copies, reordering inside the window, restarts, dead ports and slow sinks: every image can be predicted.
        case fair
        /// Anything: rebooted modules, long stalls, full rings, wild numbers. What comes out must be true and add up, and after
        /// the storm everything must work again.
        case storm
    }

    /// Frames that the detector, or some of its streams, send one after the other from one first number on.
    struct Stretch {
        /// Frame number of the first.
        var firstNumber: UInt64
        var count: Int
        /// When the first is sent, and the time from one to the next.
        var start: UInt64
        var period: UInt64
        /// The first of its frames in the numbering of the whole run.
        var base = 0
        /// Streams that send it.
        var streams: [Int]
        /// Whether nothing goes wrong in it.
        var isCalm = false
        /// Images are named as if the numbers were so much higher: bunch ids go on when a module that was rebooted counts anew.
        var numbersBefore: UInt64 = 0
    }

    /// A stream that is not heard for a while.
    struct Silence {
        var stream: Int
        var frames: Range<Int>
    }

    let seed: UInt64
    let weather: Weather
    let detector: SimulatedDetector
    var configuration: DetectorConfiguration
    let slots: Int
    /// Images that may wait at each sink.
    let queueLimit: Int
    let sinks: [SinkPlan]
    /// Images after which the run has enough; `nil` for all.
    let wantedImages: Int?

    /// From a frame to the next, in nanoseconds.
    let period: UInt64
    /// How much later than the first a stream sends.
    let skew: [UInt64]
    /// The longest a packet may be delayed.
    let longestDelay: UInt64
    let loss: Chance
    let copies: Chance
    let delays: Chance
    let damage: Chance
    let wildNumbers: Chance
    /// Chance of a frame, and all frames up to the most of them after it, to be lost by one stream or by all.
    let bursts: Chance
    let longestBurst: Int
    let silences: [Silence]
    var stretches: [Stretch]

    /// The longest time between two looks at the ports when nothing keeps a thread from it.
    let pace: UInt64
    /// Threads that the ports are dealt over.
    let threads: Int
    /// Datagrams that a socket keeps.
    let socketLimit: Int
    let stalls: Chance
    let longestStall: UInt64
    /// Chance of an image to be kept by a watcher.
    let watchers: Chance
    let longestWatch: UInt64
    /// Chance that the ring refuses a slot although it has one, as if others held it.
    let refusals: Chance
    /// By grid: cables lead to other ports.
    let cables: [Int]

    /// What a sink does.
    struct SinkPlan {
        /// Time for an image, in nanoseconds.
        var service: UInt64
        /// The image it fails at, counted from 0.
        var failsAt: Int?
        var failsInClose: Bool
    }

    /// Frames of all stretches.
    var frameCount: Int { stretches.last.map { $0.base + $0.count } ?? 0 }

    /// Whether a counter that starts again names frames anew only after the old ones cannot be meant any more.
    var namesFramesOnce: Bool {
        guard weather == .storm else { return true }
        let ranges = stretches.map { $0.firstNumber..<$0.firstNumber + UInt64($0.count) * frameStep }
        return !ranges.indices.contains { index in ranges[..<index].contains { $0.overlaps(ranges[index]) } }
    }

    /// Whether nothing keeps a slot once its image is complete or over, and packets come inside the window: then even a ring that
    /// is far too small for the time-out has a slot for nearly every new image, since the oldest is closed as it is.
    var leavesRingAlone: Bool {
        let chances = [watchers, refusals, stalls].map(\.threshold)
        return chances.allSatisfy { $0 == 0 } && sinks.allSatisfy { $0.service == 0 }
            && longestDelay <= period * UInt64(configuration.receive.window)
    }

    /// The id step between consecutive frame numbers.
    var frameStep: UInt64 { configuration.imageID == .frameNumber ? configuration.imageIDStep : 1 }

    /// The first and last frames of a stretch are sent without faults: what a run begins with is decided by agreement, and a
    /// stream that is not heard in its last image is not waited for in the next run's first.
    static let quietFrames = 4
    /// After a storm so many images may still suffer from it: those of half a time-out.
    static let recoveryFrames = 12
}

/// A probability as the 16-bit number below which a random one must lie.
struct Chance {
    let threshold: UInt64

    init(_ probability: Double) { threshold = UInt64(probability * 65536) }

    /// Takes 16 bits of a random number.
    @inline(__always)
    func happens(_ bits: inout UInt64) -> Bool {
        defer { bits >>= 16 }
        return bits & 0xFFFF < threshold
    }
}
