/// Rules that turn facts about a host into findings: functions without side effects.
///
/// A rule that does not apply finds nothing. The numbers that are recommended are those of the detectors' vendor (ring,
/// backlog, frame size, governor) or measured; docs/tuning.md explains them.
enum HostCheck {
    typealias Rule = @Sendable (_ facts: HostFacts, _ demand: HostDemand) -> [Finding]

    /// All rules, in the way of the data.
    static let all: [Rule] = [
        bindAddress, frameSize, linkSpeed, receiveRing, interfaceDrops, backlog, socketBuffer, ports, hostDrops, busyPolling,
        joining, processors, pinning, governor, memory, hugePages, sharedMemory, storage, clock, kernel,
    ]

    /// The finding for a fact that could not be read.
    static func unknown(_ check: String, _ what: String, at place: String) -> [Finding] {
        [Finding(.unknown, check, "\(what) cannot be read (\(place))")]
    }
}
