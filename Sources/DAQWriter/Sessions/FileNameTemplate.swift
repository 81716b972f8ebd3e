import Glibc

/// The name of a file with places for what is known only when the session begins: `{detector}_{run}_{date}.h5`.
///
/// | place | becomes |
/// |---|---|
/// | `{detector}` | the detector's name |
/// | `{run}` | ``WriteRequest/run`` |
/// | `{date}` | the day, UTC: 20260131 |
/// | `{time}` | the time of day, UTC: 120000 |
/// | `_{part}` | nothing in the name of the whole; its parts have a number at their end anyway |
///
/// Letters that mean something in a path become `-` in what is put in. A name without a suffix gets `.h5`.
public struct FileNameTemplate: Sendable, Hashable, CustomStringConvertible {
    private enum Piece: Sendable, Hashable {
        case text(String)
        case detector, run, date, time
    }

    /// The template as it was written.
    public let description: String
    private let pieces: [Piece]

    /// Reads a template.
    ///
    /// - Throws: ``WriteRefusal`` for a place that nobody knows, or a brace without a partner.
    public init(_ template: String) throws(WriteRefusal) {
        description = template
        guard !template.isEmpty, !template.hasSuffix("/"), !template.contains("\0") else {
            throw WriteRefusal(.name, expected: "the name of a file", found: template.debugDescription)
        }
        var rest = Substring(template)
        var pieces: [Piece] = []
        while let brace = rest.firstIndex(where: { "{}".contains($0) }) {
            if brace > rest.startIndex { pieces.append(.text(String(rest[..<brace]))) }
            guard rest[brace] == "{", let end = rest[brace...].firstIndex(of: "}") else {
                throw WriteRefusal(.name, expected: "a } for every {", found: template.debugDescription)
            }
            let place = rest[rest.index(after: brace)..<end]
            rest = rest[rest.index(after: end)...]
            switch place {
            case "detector": pieces.append(.detector)
            case "run": pieces.append(.run)
            case "date": pieces.append(.date)
            case "time": pieces.append(.time)
            case "part": try Self.take(part: template, &pieces, rest)
            default:
                throw WriteRefusal(
                    .name, expected: "{detector}, {run}, {date}, {time} or {part} in the name", found: "{\(place)}")
            }
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        self.pieces = pieces
    }

    /// A name without places, taken as it is.
    public init(verbatim name: String) {
        description = name
        pieces = name.isEmpty ? [] : [.text(name)]
    }

    private static func take(
        part template: String, _ pieces: inout [Piece], _ rest: Substring
    ) throws(WriteRefusal) {
        guard case .text(let text)? = pieces.last, text.hasSuffix("_"), rest.isEmpty || rest.first == "." else {
            throw WriteRefusal(
                .name, expected: "_{part} at the end of the name, where the numbers of parts are",
                found: template.debugDescription)
        }
        pieces.removeLast()
        if text.count > 1 { pieces.append(.text(String(text.dropLast()))) }
    }

    /// The name for a session.
    ///
    /// - Parameters:
    ///   - detector: the detector's name.
    ///   - run: the run's name.
    ///   - time: seconds since 1970.
    /// - Throws: ``WriteRefusal`` when the template asks for a run and there is none.
    public func name(detector: String, run: String?, time: Int) throws(WriteRefusal) -> String {
        var name = ""
        for piece in pieces {
            switch piece {
            case .text(let text): name += text
            case .detector: name += Self.harmless(detector)
            case .run:
                guard let run else {
                    throw WriteRefusal(
                        .name, expected: "the name of the run, for {run} in the file name", found: "none",
                        advice: "name the run, or take {run} out of \(description)")
                }
                name += Self.harmless(run)
            case .date: name += Self.format("%Y%m%d", time)
            case .time: name += Self.format("%H%M%S", time)
            }
        }
        return hasSuffix ? name : name + ".h5"
    }

    /// Whether the name depends on the moment in which a session begins.
    var tellsTime: Bool { pieces.contains(.time) }

    /// Whether the template itself ends with a suffix, whatever dots there are in what is put in.
    private var hasSuffix: Bool {
        guard case .text(let text)? = pieces.last else { return false }
        let slash = text.lastIndex(of: "/")
        let end = slash.map { text[text.index(after: $0)...] } ?? text[...]
        // A dot in front hides a file, it is not a suffix.
        return (slash != nil || pieces.count == 1 ? end.dropFirst() : end).contains(".")
    }

    /// Leaves nothing that leads to another directory or hides the file.
    private static func harmless(_ text: String) -> String {
        var text = String(text.map { $0 == "/" || $0 == "\0" || $0.isWhitespace ? "-" : $0 })
        while text.hasPrefix(".") { text.replaceSubrange(...text.startIndex, with: "-") }
        return text
    }

    private static func format(_ format: String, _ time: Int) -> String {
        var time = time_t(time)
        var parts = tm()
        gmtime_r(&time, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
            guard let base = buffer.baseAddress else { return "" }
            strftime(base, buffer.count, format, &parts)
            return String(cString: base)
        }
    }
}
