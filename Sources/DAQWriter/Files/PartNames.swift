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
        let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        directory = String(path[..<slash])
        let name = path[slash...]
        let dot = name.lastIndex(of: ".") ?? name.endIndex
        // A leading dot hides a file, it is not a suffix.
        let end = dot == name.startIndex ? name.endIndex : dot
        stem = String(name[..<end])
        suffix = String(name[end...])
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
        guard let stream = opendir(directory.isEmpty ? "." : directory) else { return result }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix(stem + "_") else { continue }
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
}
