// Memory for images, and the pages it is made of.

extension HostCheck {
    static let memory: Rule = { facts, demand in
        let limits = [facts.memory.available, facts.memory.groupAvailable].compactMap { $0 }
        guard let available = limits.min(), facts.memory.available != nil else {
            return unknown("memory", "the free memory", at: "/proc/meminfo")
        }
        guard demand.hasConfiguration else { return [Finding(.ok, "memory", "\(HostText.bytes(available)) are free")] }
        let isGroup = available != facts.memory.available
        let found =
            "a run takes \(HostText.bytes(demand.memoryBytes)), \(HostText.bytes(available)) are free"
            + (isGroup ? " in this control group" : "")
        // The rest is for files that are being written, and for everybody else.
        let comfortable = available / 5 * 4
        guard demand.memoryBytes > comfortable else { return [Finding(.ok, "memory", found)] }
        return [
            Finding(
                demand.memoryBytes > available ? .problem : .warning, "memory", found,
                recommended: "ring.bytes (or ram_buffer_gb) with which a run takes at most \(HostText.bytes(comfortable)), "
                    + "or more memory",
                reason: "all memory is taken before a run is ready; the kernel ends a program that takes more than there is",
                command: isGroup ? "cat /sys/fs/cgroup/memory.max" : "ps -eo rss,pid,comm --sort=-rss | head")
        ]
    }

    static let hugePages: Rule = { facts, _ in
        var findings: [Finding] = []
        switch facts.memory.hugePages {
        case nil:
            findings += unknown("huge-pages", "the use of huge pages", at: "/sys/kernel/mm/transparent_hugepage/enabled")
        case "never":
            findings.append(
                Finding(
                    .advice, "huge-pages", "transparent huge pages are switched off", recommended: "madvise",
                    reason: "images are copied faster into 2 MiB pages, which daqctl asks for",
                    command: "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled"))
        case let choice?:
            findings.append(Finding(.ok, "huge-pages", "transparent huge pages: \(choice)"))
        }
        if let pages = facts.memory.reservedHugePages, let size = facts.memory.hugePageBytes, pages > 0 {
            let (bytes, overflow) = pages.multipliedReportingOverflow(by: size)
            findings.append(
                Finding(
                    .advice, "reserved-pages",
                    "\(pages) huge pages\(overflow ? "" : ", \(HostText.bytes(bytes)),") are reserved and not in use",
                    recommended: "0, unless another program needs them",
                    reason: "daqctl does not use reserved pages, and nobody else can use this memory",
                    command: "sudo sysctl -w vm.nr_hugepages=0"))
        }
        return findings
    }

    static let sharedMemory: Rule = { facts, demand in
        var findings: [Finding] = []
        switch facts.memory.sharedHugePages {
        case nil:
            findings += unknown(
                "shared-huge-pages", "huge pages in shared memory", at: "/sys/kernel/mm/transparent_hugepage/shmem_enabled")
        case "never", "deny":
            findings.append(
                Finding(
                    .advice, "shared-huge-pages", "shared memory has no huge pages", recommended: "advise",
                    reason: "matters only for images in shared memory: they are copied there about 17 % faster",
                    command: "echo advise | sudo tee /sys/kernel/mm/transparent_hugepage/shmem_enabled"))
        case let choice?:
            findings.append(Finding(.ok, "shared-huge-pages", choice))
        }
        guard let shared = facts.memory.shared else {
            return findings + unknown("shared-memory", "the space for shared memory", at: "/dev/shm")
        }
        guard shared < demand.ringBytes else {
            return findings + [Finding(.ok, "shared-memory", "/dev/shm has room for \(HostText.bytes(shared))")]
        }
        findings.append(
            Finding(
                .advice, "shared-memory",
                "/dev/shm has room for \(HostText.bytes(shared)), the ring takes \(HostText.bytes(demand.ringBytes))",
                recommended: "\(HostText.bytes(demand.ringBytes)) or more",
                reason: "matters only for images in shared memory",
                command: "sudo mount -o remount,size=\(demand.ringBytes / 5 * 6) /dev/shm"))
        return findings
    }
}
