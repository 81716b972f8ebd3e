// Processors, the clock and the kernel.

extension HostCheck {
    /// Processors that run and that this process may use.
    private static func usable(_ facts: HostFacts) -> [Int]? {
        guard let online = facts.processors.online else { return facts.processors.allowed }
        guard let allowed = facts.processors.allowed else { return online }
        return online.filter(Set(allowed).contains)
    }

    static let processors: Rule = { facts, demand in
        guard let usable = usable(facts) else {
            return unknown("cpus", "the number of processors", at: "/sys/devices/system/cpu/online")
        }
        let found =
            "\(usable.count) \(usable.count == 1 ? "processor" : "processors") for \(demand.threads) receiving "
            + (demand.threads == 1 ? "thread" : "threads")
        // One more thread finishes and publishes images.
        guard demand.threads + 1 > usable.count else { return [Finding(.ok, "cpus", found)] }
        return [
            Finding(
                demand.threads > usable.count ? .warning : .advice, "cpus", found,
                recommended: "a processor for every receiving thread (receive.threads) and one more",
                reason: "a receiving thread that waits for a processor leaves its packets in the socket buffer",
                command: "lscpu --extended")
        ]
    }

    static let pinning: Rule = { facts, demand in
        guard !demand.cpus.isEmpty else { return [] }
        guard let usable = usable(facts) else { return [] }
        let used = (0..<demand.threads).map { demand.cpus[$0 % demand.cpus.count] }
        let missing = Set(used).subtracting(usable).sorted()
        guard missing.isEmpty else {
            return [
                Finding(
                    .warning, "cpu-pinning",
                    "receive.cpus names \(HostText.list(missing)), which this process cannot use (usable: \(HostText.list(usable)))",
                    recommended: "processors that are online and allowed to this process",
                    reason: "a thread whose processor is not there is not pinned at all", command: "lscpu --extended")
            ]
        }
        guard Set(used).count == used.count else {
            return [
                Finding(
                    .warning, "cpu-pinning", "\(demand.threads) receiving threads share \(Set(used).count) of receive.cpus",
                    recommended: "as many different processors in receive.cpus as receive.threads says",
                    reason: "a pinned thread cannot evade another one on its processor", command: "lscpu --extended")
            ]
        }
        let isolated = used.allSatisfy((facts.processors.isolated ?? []).contains) ? ", which are isolated" : ""
        return [Finding(.ok, "cpu-pinning", "receiving threads run on \(HostText.list(used))\(isolated)")]
    }

    static let governor: Rule = { facts, _ in
        let governors = facts.processors.governors
        guard !governors.isEmpty else {
            return unknown(
                "governor", "the frequency governor", at: "/sys/devices/system/cpu/cpu*/cpufreq; usual in virtual machines")
        }
        let slow = governors.filter { $0.value != "performance" }.sorted { $0.key < $1.key }
        guard let first = slow.first else { return [Finding(.ok, "governor", "performance on all processors")] }
        return [
            Finding(
                .advice, "governor", "\(slow.count) of \(governors.count) processors have the governor \(first.value)",
                recommended: "performance",
                reason: "a processor that saves power between images is slow when the next one's packets come",
                command: "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor")
        ]
    }

    static let clock: Rule = { facts, _ in
        guard let source = facts.clockSource else {
            return unknown("clock", "the clock source", at: "/sys/devices/system/clocksource/clocksource0/current_clocksource")
        }
        // The others are read by a system call, or over a slow bus.
        guard ["hpet", "acpi_pm", "jiffies", "refined-jiffies", "pit"].contains(source) else {
            return [Finding(.ok, "clock", source)]
        }
        return [
            Finding(
                .advice, "clock", "the clock source is \(source)", recommended: "tsc, if the processor has a steady one",
                reason: "receiving threads look at the clock all the time, and each look at \(source) takes about a microsecond",
                command: "echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource")
        ]
    }

    static let kernel: Rule = { facts, _ in
        guard let release = facts.kernelRelease else {
            return unknown("kernel", "the kernel's release", at: "/proc/sys/kernel/osrelease")
        }
        guard let major = release.split(separator: ".").first.flatMap({ Int($0) }) else {
            return [Finding(.unknown, "kernel", "the release \(release) has no number at its beginning")]
        }
        guard major < 5 else { return [Finding(.ok, "kernel", "Linux \(release)")] }
        return [
            Finding(
                .advice, "kernel", "Linux \(release)", recommended: "Linux 5.0 or newer; 6.1 is what this program is tested with",
                reason: "older kernels lack offloads, and some do not tell how many datagrams a socket has lost")
        ]
    }
}
