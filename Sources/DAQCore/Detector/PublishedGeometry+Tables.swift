extension PublishedGeometry {
    /// The layouts by name; corners in pixels, modules with gap pixels (1030 × 514).
    ///
    /// Source: the module origins published with jungfrau_utils 3.19.
    static let layouts: [String: Layout] = {
        var table: [String: Layout] = [:]
        for name in ["JF01T03", "JF07T03", "JF16T03"] {
            table[name] = Layout(originY: [0, 550, 1100], originX: [0, 0, 0])
        }
        for number in ["03", "04", "08", "09", "13", "14", "19", "20", "21"] {
            table["JF\(number)T01"] = Layout(originY: [0], originX: [0])
        }
        table["JF02T01"] = Layout(originY: [0], originX: [0], rotation: 2)
        table["JF22T01"] = Layout(originY: [0], originX: [0], rotation: 3)
        let sideBySide = (0..<9).map { 1036 * $0 }
        table["JF02T09V01"] = Layout(originY: Array(repeating: 0, count: 9), originX: sideBySide)
        table["JF02T09"] = Layout(originY: Array(repeating: 0, count: 9), originX: sideBySide.reversed(), rotation: 2)
        table["JF06T04"] = Layout(originY: [68, 0, 618, 550], originX: [0, 1039, 67, 1106], rotation: 1)
        table["JF06T08"] = Layout(
            originY: [68, 0, 618, 550, 1168, 1100, 1718, 1650], originX: [0, 1039, 0, 1039, 67, 1106, 67, 1106], rotation: 1)
        table["JF06T32"] = Layout(originY: jf06t32.map(\.y), originX: jf06t32.map(\.x), rotation: 1)
        table["JF07T32"] = Layout(
            originY: (0..<8).flatMap { group in [0, 0, 68, 68].map { $0 + 550 * group } },
            originX: (0..<8).flatMap { $0 < 4 ? [68, 1107, 2146, 3185] : [0, 1039, 2078, 3117] })
        table["JF15T08"] = Layout(
            originY: [0, 149, 550, 699, 1100, 1249, 1649, 1798], originX: [149, 1185, 149, 1185, 0, 1037, 0, 1037])
        table["JF17T16"] = Layout(
            originY: [0, 69, 550, 619, 1100, 1169, 1650, 1719, 2200, 2269, 2750, 2819, 597, 667, 1636, 1706],
            originX: [607, 1646, 607, 1646, 607, 1646, 538, 1577, 538, 1577, 538, 1577, 583, 3212, 514, 3143],
            moduleRotations: [12: 3, 13: 3, 14: 3, 15: 3])
        for name in ["JF05T01", "JF10T01"] {
            table[name] = Layout(originY: [0], originX: [0], strips: .horizontal)
        }
        table["JF11T04"] = Layout(originY: [0, 0, 0, 0], originX: [9306, 6198, 3108, 0], strips: .horizontal)
        table["JF12T04"] = Layout(originY: [0, 0, 90, 90], originX: [0, 3117, 0, 3117], strips: .horizontal)
        table["JF18T01"] = Layout(originY: [0], originX: [0], strips: .vertical)
        return table
    }()

    /// The 16M detector: eight columns of four modules, each half shifted against the other.
    private static let jf06t32: [(y: Int, x: Int)] = [
        (68, 972), (0, 2011),
        (618, 0), (618, 1039), (550, 2078), (550, 3117),
        (1168, 0), (1168, 1039), (1100, 2078), (1100, 3117),
        (1718, 0), (1718, 1039), (1650, 2078), (1650, 3117),
        (2268, 66), (2268, 1106), (2200, 2145), (2200, 3184),
        (2818, 66), (2818, 1106), (2750, 2145), (2750, 3184),
        (3368, 66), (3368, 1106), (3300, 2145), (3300, 3184),
        (3918, 66), (3918, 1106), (3850, 2145), (3850, 3184),
        (4468, 1106), (4400, 2145),
    ]
}
