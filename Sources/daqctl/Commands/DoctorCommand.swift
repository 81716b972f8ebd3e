import DAQCore

/// `daqctl doctor`: says whether this host is ready, and what to change.
struct DoctorCommand: Command {
    private static let configuration = Argument<String?>.optionalPositional(
        "CONFIG", .path,
        help: "The detector's configuration, a JSON document; without it only what every detector needs is checked.")
    private static let rate = Argument<Double?>.option(
        "rate", "HZ", .positive, help: "Images per second, for the times that buffers and disks last (100 and 2000).")
    private static let write = Argument<String?>.option(
        "write", "PATH", .path, help: "Check the file system that this file or folder is on.")
    private static let set = CommonArguments.set
    private static let json = CommonArguments.json

    static let declaration = CommandDeclaration(
        name: "doctor",
        summary: "is this host ready to take data? what to change, and why",
        discussion: """
            Looks at network, sockets, processors, memory and disk, and says for each what was found, what is better, \
            why, and the command that changes it. Changes nothing itself and needs no privileges; what cannot be read \
            is reported as unknown. Run it as the user who takes data: some limits depend on who asks.

            Exit code 0 when nothing prevents data taking (there may be warnings), 1 when something does.
            """,
        arguments: [
            configuration.declaration, rate.declaration, write.declaration, set.declaration, json.declaration,
        ],
        examples: ["daqctl doctor", "daqctl doctor detector.json --rate 2000 --write /data/run1.h5"])

    let configuration: String?
    let rate: Double?
    let write: String?
    let settings: [Setting]
    let json: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        configuration = try arguments(Self.configuration)
        rate = try arguments(Self.rate)
        write = try arguments(Self.write)
        settings = try arguments(Self.set)
        json = try arguments(Self.json)
        if configuration == nil {
            if rate != nil { throw .needsConfiguration(Self.rate.declaration) }
            if !settings.isEmpty { throw .needsConfiguration(Self.set.declaration) }
        }
    }

    func run(on console: Console) throws {
        let reporter = Reporter("doctor", console: console, json: json)
        let detector = try configuration.map { try reporter.configuration($0, settings: settings) }
        let demand = HostDemand(detector, rate: rate, writePath: write)
        let report = HostReport(HostDoctor.findings(HostDoctor.facts(for: demand), for: demand))
        for finding in report.findings { reporter.result("finding", HostReport.json(finding), text: "") }
        reporter.result("summary", report.json, text: report.text)
        if !report.isReady { throw HostNotReady(problems: report.count(of: .problem)) }
    }
}
