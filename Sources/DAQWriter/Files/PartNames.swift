import Glibc

/// The names of a run's files: `run.h5` for the whole, `run_000001.h5` and so on for its parts.
struct PartNames {
    /// The file that shows the whole run.
    let path: String
    /// Directory with a slash at the end; empty for the working directory.
    let directory: String
    private let stem: String
    private let suffix: String

    /// The names that belong to a path.
    init(_ path: String) {
        self.path = path
        let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        directory = String(path[..<start])
        (stem, suffix) = Self.split(String(path[start...]))
    }

    /// A path before its suffix, and the suffix with its dot.
    static func split(_ path: String) -> (stem: String, suffix: String) {
        let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let dot = path[start...].lastIndex(of: ".") ?? path.endIndex
        // A leading dot hides a file, it is not a suffix.
        let end = dot == start ? path.endIndex : dot
        return (String(path[..<end]), String(path[end...]))
    }

    /// A part that is complete.
    func part(_ number: Int) -> String { "\(directory)\(name(number))" }
    /// A part that is being written.
    func partial(_ number: Int) -> String { part(number) + ".partial" }
    /// A part of which not even the structure is complete.
    func new(_ number: Int) -> String { part(number) + ".new" }
    /// The whole, until its structure is complete.
    var newPath: String { path + ".new" }
    /// A part's name without its directory.
    func name(_ number: Int) -> String {
        let digits = String(number)
        return "\(stem)_\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)\(suffix)"
    }

    /// The name of the whole without its directory.
    var fileName: String { stem + suffix }

    /// Whether a name in the same directory is one of these, at any time.
    func include(_ name: String) -> Bool {
        var name = name
        for ending in [".new", ".partial"] where name.hasSuffix(ending) && name != fileName {
            name.removeLast(ending.count)
            break
        }
        return name == fileName || number(ofPart: name) != nil
    }

    private func number(ofPart name: String) -> Int? {
        guard name.hasPrefix(stem + "_") else { return nil }
        let number = Int(name.dropFirst(stem.count + 1).prefix { $0.isASCII && $0.isNumber })
        return number.flatMap { $0 > 0 && name == self.name($0) ? $0 : nil }
    }

    /// The numbers of the parts that exist.
    struct Existing {
        /// Complete parts, in order.
        var parts: [Int] = []
        /// Parts that are or were being written, in order.
        var partials: [Int] = []
        /// Parts that were not begun properly.
        var new: [Int] = []
    }

    /// Looks for parts.
    func existing() -> Existing {
        var result = Existing()
        for name in namesBeside() where name.hasPrefix(stem + "_") {
            let number = Int(name.dropFirst(stem.count + 1).prefix { $0.isASCII && $0.isNumber })
            guard let number, number > 0 else { continue }
            if name == self.name(number) { result.parts.append(number) }
            if name == self.name(number) + ".partial" { result.partials.append(number) }
            if name == self.name(number) + ".new" { result.new.append(number) }
        }
        result.parts.sort()
        result.partials.sort()
        return result
    }

    /// How many writers have shared the file, by the names of their files; several numbers are those of several runs.
    func shareCounts() -> Set<Int> {
        var counts: Set<Int> = []
        for name in namesBeside() where name.hasPrefix("\(stem)_share") {
            let digits = name.dropFirst(stem.count + 6).prefix { $0.isASCII && $0.isNumber }
            let rest = name.dropFirst(stem.count + 6 + digits.count)
            guard let number = Int(digits), rest.hasPrefix("of") else { continue }
            let count = Int(rest.dropFirst(2).prefix { $0.isASCII && $0.isNumber })
            if let count, WriteShare(number, of: count) != nil { counts.insert(count) }
        }
        return counts
    }

    /// Everything that is in the directory.
    private func namesBeside() -> [String] {
        guard let stream = opendir(directory.isEmpty ? "." : directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }
}
