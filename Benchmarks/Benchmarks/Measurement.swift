/// A line of results.
protocol ResultLine {
    /// One flat JSON object; `table` and `name` are among its members.
    var json: String { get }
    /// Whether what is stated holds.
    var isReached: Bool { get }
}

/// Tables that results are shown in.
enum Table: String {
    case statements, packing, ports, sizes, joining, counts
}

/// One figure as it was measured: ours, the roofline of the same run, and their ratio.
struct Measurement: ResultLine {
    /// What a statement promises.
    enum Goal {
        case atMost(Double)
        case atLeast(Double)
        /// Something that holds or not, in words.
        case condition(String, holds: Bool)
        case none
    }

    var table = Table.statements
    /// Short name, stable over time.
    let name: String
    /// What is compared, in words.
    let statement: String
    /// Unit of both figures.
    let unit: String
    /// Medians over the repetitions.
    let ours: Double
    let roofline: Double
    /// Median of the ratios of neighbouring repetitions, which machine phases disturb least.
    let ratio: Double
    let goal: Goal
    /// Further figures.
    var details: KeyValuePairs<String, Double> = [:]

    var isReached: Bool {
        switch goal {
        case .atMost(let bound): ratio <= bound
        case .atLeast(let bound): ratio >= bound
        case .condition(_, let holds): holds
        case .none: true
        }
    }

    private var goalText: String {
        switch goal {
        case .atMost(let bound): "at most \(bound)"
        case .atLeast(let bound): "at least \(bound)"
        case .condition(let text, _): text
        case .none: ""
        }
    }

    var json: String {
        """
        {"table":"\(table.rawValue)","name":"\(name)","statement":"\(statement)","unit":"\(unit)","ours":\(ours),\
        "roofline":\(roofline),"ratio":\(ratio),"goal":"\(goalText)",\(details.map { "\"\($0)\":\($1)," }.joined())\
        "reached":\(isReached)}
        """
    }
}

/// Pairs of figures of ours and of the roofline, measured one after the other.
struct Pairs {
    private var ours: [Double] = []
    private var roofline: [Double] = []

    mutating func append(ours mine: Double, roofline theirs: Double) {
        ours.append(mine)
        roofline.append(theirs)
    }

    /// The medians.
    func measurement(
        _ name: String, _ statement: String, unit: String, goal: Measurement.Goal, table: Table = .statements,
        details: KeyValuePairs<String, Double> = [:]
    ) -> Measurement {
        Measurement(
            table: table, name: name, statement: statement, unit: unit, ours: median(ours), roofline: median(roofline),
            ratio: median(zip(ours, roofline).map { $0 / $1 }), goal: goal, details: details)
    }
}

/// The middle value.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    return sorted.count % 2 == 1 ? sorted[sorted.count / 2] : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
}

/// What made a benchmark impossible.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
