import DAQCore

/// Findings about a host, for people and for programs.
struct HostReport {
    private static let width = 96

    let findings: [Finding]

    init(_ findings: [Finding]) { self.findings = findings }

    /// Whether nothing prevents data taking.
    var isReady: Bool { count(of: .problem) == 0 }

    /// How many findings have a severity.
    func count(of severity: Finding.Severity) -> Int { findings.filter { $0.severity == severity }.count }

    /// The findings, worst first, and a line that says how it stands.
    var text: String {
        var lines: [String] = []
        for severity in Finding.Severity.allCases {
            let group = findings.filter { $0.severity == severity }
            guard !group.isEmpty else { continue }
            lines += [Self.heading(severity), ""]
            let isShort = severity == .ok || severity == .unknown
            for finding in group { lines += isShort ? Self.short(finding) : Self.long(finding) + [""] }
            if isShort { lines.append("") }
        }
        lines.append("\(isReady ? "ready" : "NOT READY"): \(counts)")
        return lines.joined(separator: "\n") + "\n"
    }

    /// The members of the summary.
    var json: JSONValue {
        [
            "ready": .flag(isReady), "problems": number(.problem), "warnings": number(.warning), "advice": number(.advice),
            "unknown": number(.unknown), "ok": number(.ok),
        ]
    }

    /// The members of a finding; those that say nothing are absent.
    static func json(_ finding: Finding) -> JSONValue {
        let members: [(String, String?)] = [
            ("check", finding.check), ("severity", finding.severity.rawValue), ("found", finding.found),
            ("recommended", finding.recommended), ("why", finding.reason), ("command", finding.command),
        ]
        return .object(members.compactMap { key, text in text.map { JSONValue.Member(key: key, value: .string($0)) } })
    }

    private func number(_ severity: Finding.Severity) -> JSONValue { .integer(Int64(count(of: severity))) }

    private var counts: String {
        func words(_ severity: Finding.Severity, _ one: String, _ many: String) -> String {
            let count = count(of: severity)
            return "\(count) \(count == 1 ? one : many)"
        }
        return [
            words(.problem, "problem", "problems"), words(.warning, "warning", "warnings"),
            words(.advice, "piece of advice", "pieces of advice"), words(.unknown, "unknown", "unknown"), words(.ok, "ok", "ok"),
        ].joined(separator: ", ")
    }

    private static func heading(_ severity: Finding.Severity) -> String {
        switch severity {
        case .problem: "PROBLEMS: data cannot be taken before these are solved"
        case .warning: "WARNINGS: data may be lost"
        case .advice: "ADVICE: works, could be better"
        case .unknown: "UNKNOWN: could not be read on this host"
        case .ok: "OK"
        }
    }

    /// The name with what was found, then a row for everything that is known.
    ///
    /// The command is never broken, so that it can be copied.
    private static func long(_ finding: Finding) -> [String] {
        let found = HelpText.wrap("\(finding.check): \(finding.found)", width: width - 4)
        var lines = found.enumerated().map { ($0 == 0 ? "  " : "    ") + $1 }
        if let text = finding.recommended { lines += row("    better:", text, column: 13) }
        if let text = finding.reason { lines += row("    why:", text, column: 13) }
        if let text = finding.command { lines.append("    command: \(text)") }
        return lines
    }

    private static func short(_ finding: Finding) -> [String] { row("  \(finding.check)", finding.found, column: 21) }

    /// A label, and a text that begins in a column.
    private static func row(_ label: String, _ text: String, column: Int) -> [String] {
        HelpText.wrap(text, width: width - column).enumerated().map { Quantity.left($0 == 0 ? label : "", column) + $1 }
    }
}
