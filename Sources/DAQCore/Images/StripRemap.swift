/// The two kinds of strip sensors on JUNGFRAU chips: pixels of 25 × 225 µm, three of which share three rows of the chip.
enum StripSensor: Sendable, Hashable {
    case horizontal
    case vertical

    /// Size of one module's image.
    var size: (width: Int, height: Int) {
        switch self {
        case .horizontal: (3090, 84)
        case .vertical: (165, 1488)
        }
    }
}

/// How the image of strip sensors is made of the modules as they are read out.
///
/// The rows of a chip interleave three neighbouring strips, so an image can only be sorted when a whole module is there. Pixels at
/// the borders of chips are twice as large: each fills two image pixels with half its value. (Order: jungfrau_utils.)
struct StripRemap: Sendable {
    /// Number of modules in the stack.
    let modules: Int
    /// For every image pixel twice the index of its source in the stack, plus 1 when its value is halved.
    private(set) var sources: [UInt32]
    /// Marks image pixels where nothing is.
    static let none = UInt32.max

    private let width: Int

    /// The remapping of modules whose images begin at `origins`.
    init(_ sensor: StripSensor, origins: [(x: Int, y: Int)], width: Int, height: Int) {
        modules = origins.count
        self.width = width
        sources = Array(repeating: Self.none, count: width * height)
        for (module, origin) in origins.enumerated() {
            switch sensor {
            case .horizontal: addHorizontal(module, x: origin.x, y: origin.y)
            case .vertical: addVertical(module, x: origin.x, y: origin.y)
            }
        }
    }

    private mutating func set(x: Int, y: Int, module: Int, column: Int, row: Int, halved: Bool = false) {
        let source = (module * 512 + row) * 1024 + column
        sources[y * width + x] = UInt32(source) << 1 | (halved ? 1 : 0)
    }

    private mutating func addHorizontal(_ module: Int, x left: Int, y top: Int) {
        for row in 0..<252 {
            for column in 0..<1024 {
                let x = 774 * (column / 256) + 3 * (column % 256) + row % 3
                set(x: left + x, y: top + row / 3, module: module, column: column, row: row)
            }
        }
        // The wide pixels on both sides of a gap spread over it.
        for gap in 0..<3 {
            for row in 0..<252 {
                for y in [2 * (row / 6), 2 * (row / 6) + 1] {
                    let x = left + 774 * gap + 765
                    set(x: x + row % 6, y: top + y, module: module, column: 256 * gap + 255, row: row, halved: true)
                    set(x: x + 11 - row % 6, y: top + y, module: module, column: 256 * gap + 256, row: row, halved: true)
                }
            }
        }
    }

    private mutating func addVertical(_ module: Int, x left: Int, y top: Int) {
        // The sensor covers the two middle chip columns and is seen half a turn round, before and after sorting.
        for row in [9...254, 257...502].joined() {
            for column in 11...502 {
                let strip = (column - 11) % 3
                let y = 3 * (row - 9) + (row < 256 ? strip : 8 - strip)
                let x = (column - 11) / 3 + column / 257
                set(x: left + 164 - x, y: top + 1487 - y, module: module, column: 256 + 511 - column, row: 511 - row)
            }
        }
    }

    /// Fills the image from the stack.
    ///
    /// - Parameters:
    ///   - half: what a halved value becomes.
    ///   - Precondition: `image` has as many pixels as ``sources``, `stack` those of ``modules`` modules.
    func apply<Pixel: BitwiseCopyable>(
        from stack: UnsafeBufferPointer<Pixel>, to image: UnsafeMutableBufferPointer<Pixel>, half: (Pixel) -> Pixel
    ) {
        precondition(
            image.count == sources.count && stack.count == modules * 512 * 1024, "the strip remapping is for another image")
        // The table holds only indices below the count just checked.
        sources.withUnsafeBufferPointer { sources in
            var index = 0
            while index < sources.count {
                let source = sources[index]
                if source != Self.none {
                    let value = stack[Int(source >> 1)]
                    image[index] = source & 1 == 0 ? value : half(value)
                }
                index &+= 1
            }
        }
    }
}
