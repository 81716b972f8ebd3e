/// The pixel loops of CDAQKernels, written again and plainly: what the fast ones are compared with, bit for bit.
enum PixelKernels {
    /// Corrects one JUNGFRAU word; the result is the bits of a float, or of an int32 when `integer`.
    ///
    /// - Parameters:
    ///   - stages: pedestal and factor of gain codes 0, 1 and 3.
    ///   - invalid: what the invalid gain code 10 becomes; `nil` treats it as the third stage.
    static func correct(
        _ word: UInt16, stages: [(pedestal: Float, factor: Float)], invalid: UInt32?, integer: Bool
    ) -> UInt32 {
        let code = word >> 14
        if code == 2, let invalid { return invalid }
        let stage = stages[min(Int(code), 2)]
        let difference = Float(word & 0x3FFF) - stage.pedestal
        let value = difference * stage.factor
        guard integer else { return value.bitPattern }
        let whole = value.rounded(.toNearestOrEven)
        let limit = Int32.max
        return UInt32(bitPattern: Int32(exactly: whole) ?? (whole < 0 ? -limit : limit))
    }

    /// Adds one word of a dark frame to a pixel's sums, after both lost their part 1/window.
    static func accumulate(_ word: UInt16, window: Double?, sum: inout Double, square: inout Double) {
        if let window {
            sum -= sum / window
            square -= square / window
        }
        let adc = Double(word & 0x3FFF)
        sum += adc
        square += adc * adc
    }
}
