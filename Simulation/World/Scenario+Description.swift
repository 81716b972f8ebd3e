import DAQCore

extension Simulation {
    /// What happens in the run of a seed, in words.
    package static func describe(seed: UInt64, packets: Int = packetsPerRun) -> String {
        let scenario = Scenario(seed: seed, packets: packets)
        let configuration = scenario.configuration
        let stretches = scenario.stretches.map { stretch in
            "\(stretch.count) frames from \(stretch.firstNumber) of streams \(stretch.streams)"
                + (stretch.numbersBefore > 0 ? ", whose ids go on" : "")
        }
        return """
            seed \(seed): \(scenario.detector), \(scenario.weather.rawValue), ids by \(configuration.imageID) at step \
            \(configuration.imageIDStep), window \(configuration.receive.window), batch \(configuration.receive.batch), \
            \(configuration.incomplete), time-out \(configuration.syncTimeout / 1_000_000) ms
            sent:      \(stretches.joined(separator: "; "))
            every:     \(scenario.period / 1000) µs, skew \(scenario.skew.map { $0 / 1000 }) µs, delays up to \
            \(scenario.longestDelay / 1000) µs
            per 65536: loss \(scenario.loss.threshold), copies \(scenario.copies.threshold), delays \
            \(scenario.delays.threshold), damage \(scenario.damage.threshold), wild \(scenario.wildNumbers.threshold), \
            bursts \(scenario.bursts.threshold) of up to \(scenario.longestBurst)
            silent:    \(scenario.silences.map { "stream \($0.stream) in frames \($0.frames)" })
            host:      \(scenario.threads) threads, \(scenario.slots) slots, stalls \(scenario.stalls.threshold) up to \
            \(scenario.longestStall / 1000) µs, refusals \(scenario.refusals.threshold)
            sinks:     \(scenario.sinks), queues of \(scenario.queueLimit), wanted \
            \(scenario.wantedImages.map(String.init) ?? "all")
            """
    }
}
