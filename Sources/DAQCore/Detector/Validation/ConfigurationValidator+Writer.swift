extension ConfigurationValidator {
    /// Checks how files are written.
    mutating func checkWriter() {
        for (index, root) in configuration.writer.roots.enumerated() where isSound("writer.roots") && root.isEmpty {
            report(at: ConfigurationPath("writer.roots")[index], expected: "the path of a directory", found: "an empty text")
        }
        for (key, name) in [("writer.owner", configuration.writer.owner), ("writer.group", configuration.writer.group)]
        where name == "" {
            report(at: ConfigurationPath(key), expected: "a name", found: "an empty text")
        }
        if let digits = configuration.writer.permissions, WriterConfiguration.permissions(digits) == nil {
            report(
                at: "writer.permissions", expected: WriterConfiguration.permissionsExpected, found: digits.debugDescription)
        }
    }
}

extension WriterConfiguration {
    /// Settings that have no effect beside others.
    var warnings: [ConfigurationProblem] {
        guard bypassesPageCache, mode != .safe || compression != .none else { return [] }
        return [
            ConfigurationProblem(
                .unsupported, at: "writer.direct_io", expected: "direct I/O only for the file mode safe without compression",
                found: mode != .safe ? "the file mode \(mode.rawValue)" : "compression \(compression.rawValue)",
                hint: "it has no effect")
        ]
    }
}
