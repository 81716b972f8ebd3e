import Testing

/// How long something took each time, and whether it kept a promise of a second.
///
/// A process that a busy machine does not run for a while is late for no fault of the ring, once in a while and by any amount. So
/// the median of all times must keep the promise, and the longest only a bound that catches what hangs.
struct StormTimes {
    /// What is promised for the median.
    private static let promise = Duration.seconds(1)
    /// What the longest may take on a machine that others use.
    private static let patience = Duration.seconds(10)

    private let name: String
    private var times: [Duration] = []

    init(_ name: String) { self.name = name }

    /// Notes a time from one moment to another, both in nanoseconds of the clock that never jumps.
    mutating func note(from begin: UInt64, to end: UInt64) { times.append(.nanoseconds(Int64(end) - Int64(begin))) }

    /// Shows median and longest.
    @discardableResult
    func show(sourceLocation: SourceLocation = #_sourceLocation) throws -> (text: String, median: Duration, longest: Duration) {
        let sorted = times.sorted()
        let longest = try #require(sorted.last, "\(name): nothing was measured", sourceLocation: sourceLocation)
        let median = sorted[sorted.count / 2]
        let text = "\(name): median \(Self.text(median)), longest \(Self.text(longest)) of \(sorted.count)"
        print(text)
        return (text, median, longest)
    }

    /// Shows median and longest, and holds them against what is promised.
    func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let (text, median, longest) = try show(sourceLocation: sourceLocation)
        #expect(median < Self.promise, "\(text)", sourceLocation: sourceLocation)
        #expect(longest < Self.patience, "\(text)", sourceLocation: sourceLocation)
    }

    private static func text(_ time: Duration) -> String {
        let microseconds = time / .microseconds(1)
        return "\((microseconds / 100).rounded() / 10) ms"
    }
}
