/// Numbers as people read them.
enum Quantity {
    /// A count with a comma between thousands.
    static func count(_ number: UInt64) -> String {
        var text = ""
        for (index, digit) in String(number).reversed().enumerated() {
            if index > 0, index.isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// A count of things, such as `1 packet` or `1,000 packets`.
    static func of(_ number: UInt64, _ thing: String) -> String { "\(count(number)) \(thing)\(number == 1 ? "" : "s")" }

    /// A count of images.
    static func images(_ number: UInt64) -> String { of(number, "image") }

    /// A share of a whole.
    ///
    /// 100 and 0 % are said only when they are exact; what lies between is never rounded to them.
    static func percent(_ part: UInt64, of whole: UInt64) -> String {
        guard whole > 0 else { return "" }
        if part == whole { return "100 %" }
        if part == 0 { return "0 %" }
        let share = Double(part) / Double(whole) * 100
        if share > 99.999 { return "> 99.999 %" }
        if share < 0.001 { return "< 0.001 %" }
        return decimal(share, digits: 3) + " %"
    }

    /// A number with a fixed number of digits after the point.
    static func decimal(_ number: Double, digits: Int) -> String {
        guard number.isFinite, abs(number) < 1e15 else { return String(describing: number) }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int64((abs(number) * scale).rounded())
        let sign = number < 0 && scaled != 0 ? "-" : ""
        guard digits > 0 else { return sign + String(scaled) }
        let fraction = String(scaled % Int64(scale))
        return sign + "\(scaled / Int64(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// A number with six digits after the point, for machines.
    static func rounded(_ number: Double) -> Double { (number * 1e6).rounded() / 1e6 }

    /// A number of bytes with a decimal unit.
    static func bytes(_ number: UInt64) -> String {
        var value = Double(number)
        for unit in ["B", "kB", "MB", "GB"] {
            if value < 999.95 { return decimal(value, digits: unit == "B" ? 0 : 1) + " \(unit)" }
            value /= 1000
        }
        return decimal(value, digits: 1) + " TB"
    }

    /// A CRC-32 as eight hexadecimal digits.
    static func checksum(_ number: UInt32) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// A time as seconds, or as minutes and hours once it is long.
    static func time(_ seconds: Double) -> String {
        guard seconds >= 60 else { return decimal(seconds, digits: 1) + " s" }
        let whole = Int(seconds)
        let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        return whole < 3600 ? "\(whole / 60):\(two(whole % 60))" : "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
    }

    /// Text with spaces after it up to a width.
    static func left(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

    /// Text with spaces before it up to a width.
    static func right(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

    /// Text without spaces at its end.
    static func trimmed(_ text: String) -> String {
        var text = text
        while text.last == " " { text.removeLast() }
        return text
    }
}
