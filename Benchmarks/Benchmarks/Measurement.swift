/// One statement about speed, as it was measured: our figure, the roofline of the same run, and their ratio.
struct Measurement {
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
    /// The ratio to reach, and whether it is a lower bound.
    let target: Double
    let isLowerBound: Bool

    var isReached: Bool { isLowerBound ? ratio >= target : ratio <= target }

    /// One JSON object.
    var json: String {
        """
        {"name":"\(name)","statement":"\(statement)","unit":"\(unit)","ours":\(ours),"roofline":\(roofline),"ratio":\(ratio),\
        "target":\(target),"bound":"\(isLowerBound ? "at least" : "at most")","reached":\(isReached)}
        """
    }
}

/// The middle value.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    return sorted.count % 2 == 1 ? sorted[sorted.count / 2] : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
}
