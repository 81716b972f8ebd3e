/// Numbers in findings.
enum HostText {
    /// Bytes with a binary unit, as limits of the kernel are counted.
    static func bytes(_ number: Int) -> String {
        var value = Double(number)
        for unit in ["bytes", "KiB", "MiB", "GiB"] {
            if value < 1023.95 { return "\(decimal(value)) \(unit)" }
            value /= 1024
        }
        return "\(decimal(value)) TiB"
    }

    /// A time with the unit that suits it.
    static func time(_ seconds: Double) -> String {
        switch seconds {
        case ..<1: "\(decimal(seconds * 1000)) ms"
        case ..<120: "\(decimal(seconds)) s"
        case ..<7200: "\(decimal(seconds / 60)) minutes"
        case ..<172_800: "\(decimal(seconds / 3600)) hours"
        default: "\(decimal(seconds / 86_400)) days"
        }
    }

    /// A rate in images per second.
    static func rate(_ rate: Double) -> String { "\(decimal(rate)) Hz" }

    /// A list with commas; only its beginning when it is long.
    static func list(_ items: [some CustomStringConvertible]) -> String {
        let shown = items.prefix(8).map(\.description).joined(separator: ", ")
        return items.count > 8 ? "\(shown) and \(items.count - 8) more" : shown
    }

    /// At most one digit after the point, none for whole and for large numbers.
    private static func decimal(_ number: Double) -> String {
        guard number.isFinite, abs(number) < 1e15 else { return "\(number)" }
        let tenths = Int((number * 10).rounded())
        return tenths.isMultiple(of: 10) || abs(number) >= 100 ? "\(Int(number.rounded()))" : "\(tenths / 10).\(abs(tenths % 10))"
    }
}
