/// How fast a recording is sent again.
public enum ReplayRate: Sendable, Hashable {
    /// As many times faster than it was recorded. Time between images is the detector's own, from the headers; where they have
    /// none, the time of capture; where there is none either, the pace is gentle.
    case speed(Double)
    /// So many images a second.
    case hertz(Double)
    /// One image after the other, without overflowing default socket buffers.
    case gentle
    /// Without a pause.
    case fullSpeed

    /// The speed of the recording.
    public static let original = ReplayRate.speed(1)

    /// Refuses rates and speeds that are no sensible number.
    func check() throws(SenderError) {
        switch self {
        case .speed(let value), .hertz(let value):
            guard value >= 1e-6, value <= 1e9 else {
                throw SenderError(.rate, "a rate or speed lies between 0.000001 and 1000000000, not at \(value)")
            }
        case .gentle, .fullSpeed: break
        }
    }
}

/// Decides when the images of a recording are due.
struct ReplayClock {
    private let rate: ReplayRate
    private let first: UInt64
    private var index: UInt64 = 0
    private var due: UInt64
    private var timestamp: UInt64 = 0
    private var captureTime: UInt64 = 0
    /// A longer gap in a recording is not waited for.
    private static let longestGap = 60.0e9

    init(_ rate: ReplayRate, now: UInt64) {
        self.rate = rate
        first = now
        due = now
    }

    /// The schedule of the next image: when it begins (`nil`: at once) and over how many nanoseconds its packets are spread.
    mutating func schedule(timestamp: UInt64, captureTime: UInt64, bytes: Int) -> (start: UInt64?, spread: UInt64) {
        defer {
            index += 1
            self.timestamp = timestamp
            self.captureTime = captureTime
        }
        let gentle = Pace.gentleTime(bytes: bytes)
        switch rate {
        case .fullSpeed: return (nil, 0)
        case .gentle: return (nil, gentle)
        case .hertz(let rate):
            let period = 1e9 / rate
            return (first + UInt64(Double(index) * period), UInt64(period * 0.9))
        case .speed(let factor):
            guard index > 0 else { return (due, gentle) }
            let recorded = elapsed(timestamp: timestamp, captureTime: captureTime)
            guard recorded > 0 else { return (nil, gentle) }
            let gap = UInt64(min(recorded / factor, Self.longestGap))
            due += gap
            return (due, min(gentle, gap / 10 * 9))
        }
    }

    private func elapsed(timestamp: UInt64, captureTime: UInt64) -> Double {
        if timestamp > self.timestamp, self.timestamp > 0 { return Double(timestamp - self.timestamp) * 100 }
        if captureTime > self.captureTime, self.captureTime > 0 { return Double(captureTime - self.captureTime) }
        return 0
    }
}
