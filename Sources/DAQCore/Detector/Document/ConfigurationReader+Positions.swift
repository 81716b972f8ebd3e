extension ConfigurationReader {
    /// Reads `module_positions`: module number to `[x_start, y_start, x_end, y_end]` or the same with a rotation in degrees.
    mutating func readPositions(_ members: [JSONMember], at path: ConfigurationPath) {
        var positions: [Int: ModulePosition] = [:]
        for member in members {
            // "07" and "+7" would be second names of module 7.
            guard let module = Int(member.key), module >= 0, String(module) == member.key else {
                report(
                    ConfigurationProblem(
                        .impossibleValue, at: path[member.key], origin: member.node.origin,
                        expected: "a module number such as \"0\" as key", found: member.key.debugDescription),
                    making: "module_positions")
                continue
            }
            positions[module] = readPosition(member.node, at: path[member.key])
        }
        setPositions(positions)
    }

    private mutating func readPosition(_ node: JSONNode, at path: ConfigurationPath) -> ModulePosition? {
        guard case .array(let elements) = node.value, elements.count == 4 || elements.count == 5 else {
            report(
                ConfigurationProblem(
                    .wrongType, at: path, origin: node.origin,
                    expected: "[x_start, y_start, x_end, y_end], or the same with a rotation in degrees", found: node.description),
                making: "module_positions")
            return nil
        }
        var numbers: [Int] = []
        for (index, element) in elements.enumerated() {
            guard let integer = element.integer else {
                report(
                    ConfigurationProblem(
                        .wrongType, at: path[index], origin: element.origin, expected: "an integer", found: element.description),
                    making: "module_positions")
                continue
            }
            numbers.append(integer)
        }
        guard numbers.count == elements.count else { return nil }
        let degrees = numbers.count == 5 ? numbers[4] : 0
        guard [0, 90, 180, 270].contains(degrees) else {
            report(
                ConfigurationProblem(
                    .impossibleValue, at: path[4], origin: elements[4].origin,
                    expected: "a rotation of 0, 90, 180 or 270 degrees",
                    found: "\(degrees)"),
                making: "module_positions")
            return nil
        }
        return ModulePosition(
            xStart: numbers[0], yStart: numbers[1], xEnd: numbers[2], yEnd: numbers[3], rotation: degrees / 90)
    }
}
