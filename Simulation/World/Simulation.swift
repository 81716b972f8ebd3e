package import DAQCore

/// Simulated runs by their seeds.
package enum Simulation {
    /// Packets that a run sends unless told otherwise.
    package static let packetsPerRun = 60_000

    /// Runs a seed.
    ///
    /// - Returns: what the run has given, the same for every run of the seed.
    /// - Throws: ``Violation`` when something did not hold.
    package static func run(seed: UInt64, packets: Int = packetsPerRun) throws -> SimulationReport {
        var run = try SimulationRun(Scenario(seed: seed, packets: packets))
        return try run.run()
    }

    /// Runs a seed with images that lie before they are checked.
    package static func run(
        seed: UInt64, packets: Int = packetsPerRun, lie: @escaping (inout ImageMetadata) -> Void
    ) throws -> SimulationReport {
        var run = try SimulationRun(Scenario(seed: seed, packets: packets), lie: lie)
        return try run.run()
    }
}
