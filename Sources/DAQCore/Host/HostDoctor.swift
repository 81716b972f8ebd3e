/// Tells whether a host is ready to take data, and what to change; changes nothing itself.
///
/// ```swift
/// let demand = HostDemand(configuration, rate: 100)
/// let findings = HostDoctor.findings(HostDoctor.facts(for: demand), for: demand)
/// ```
///
/// Works without privileges and in containers: what cannot be read is reported as unknown.
public enum HostDoctor {
    /// What is known about this host; takes a few milliseconds and may block on a network file system.
    public static func facts(for demand: HostDemand) -> HostFacts {
        var facts = HostReader(root: "/").read()
        HostProbe(demand: demand).complete(&facts)
        return facts
    }

    /// What follows from the facts, the most important first.
    public static func findings(_ facts: HostFacts, for demand: HostDemand) -> [Finding] {
        let findings = HostCheck.all.flatMap { $0(facts, demand) }
        return Finding.Severity.allCases.flatMap { severity in findings.filter { $0.severity == severity } }
    }
}
