import CDAQHDF5

/// What a file consists of: a tree of groups and datasets with their attributes.
public struct HDF5Structure: Sendable, Equatable, Codable {
    /// The kinds of members.
    public enum Kind: String, Sendable, Codable {
        /// It has members.
        case group
        /// It has values.
        case dataset
        /// It leads to another member, or to one of another file.
        case link
        /// A type of values that has a name.
        case type
        /// It cannot be opened.
        case unreadable
    }

    /// Name within its group; "/" for the root.
    public var name: String
    /// What it is.
    public var kind: Kind
    /// Dimensions, of datasets; none for a single value.
    public var shape: [Int]?
    /// Type of the values, of datasets.
    public var type: String?
    /// The value of a dataset that is a single number or text.
    public var value: String?
    /// Where a link leads.
    public var target: String?
    /// Attributes as text, in the order of their names.
    public var attributes: [String: String] = [:]
    /// Members of a group, in the order of their names.
    public var members: [HDF5Structure] = []

    /// Deeper groups are not listed: no sensible file has them, and a damaged one could have any number.
    static let maximumDepth = 32
    /// The most members of the whole file that are listed.
    static let maximumMembers = 100_000

    /// The tree as indented lines.
    public var text: String {
        var lines: [String] = []
        addLines(to: &lines, indentation: "")
        return lines.joined(separator: "\n")
    }

    private func addLines(to lines: inout [String], indentation: String) {
        var line = indentation + name
        if kind == .group, name != "/" { line += "/" }
        if let shape { line += shape.isEmpty ? "" : " (\(shape.map(String.init).joined(separator: ", ")))" }
        if let type { line += " \(type)" }
        if let value { line += " = \(value)" }
        if let target { line += " -> \(target)" }
        if kind == .unreadable { line += " (cannot be read)" }
        lines.append(line)
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) { lines.append("\(indentation)  @\(name) = \(value)") }
        for member in members { member.addLines(to: &lines, indentation: indentation + "  ") }
    }
}

extension HDF5ImageFile {
    /// Lists groups, datasets and attributes.
    ///
    /// Soft and external links are not followed.
    public func structure() throws(HDF5Error) -> HDF5Structure {
        var walker = HDF5StructureReader()
        return try walker.read(root, name: "/")
    }
}

extension HDF5Structure {
    /// Visits every dataset of a group and of the groups in it, with its path and shape; members that cannot be read are passed.
    static func walk(
        _ group: borrowing HDF5Group, _ visit: (_ path: String, _ shape: [Int]) -> Void
    ) throws(HDF5Error) {
        var walker = HDF5StructureReader()
        for (path, shape) in try walker.read(group, name: "/").datasets() { visit(path, shape) }
    }

    /// Every dataset with its path and shape.
    func datasets() -> [(path: String, shape: [Int])] {
        var result: [(path: String, shape: [Int])] = []
        visit { path, member in
            if let shape = member.shape { result.append((path, shape)) }
        }
        return result
    }

    /// The path of a member that could not be read; `nil` when all could.
    func firstUnreadable() -> String? {
        var result: String?
        visit { path, member in
            if member.kind == .unreadable { result = result ?? path }
        }
        return result
    }

    private func visit(_ prefix: String = "", _ body: (_ path: String, _ member: HDF5Structure) -> Void) {
        let path = name == "/" ? "" : prefix.isEmpty ? name : "\(prefix)/\(name)"
        body(path, self)
        for member in members { member.visit(path, body) }
    }
}
