package import DAQCore

/// Simulated runs by their seeds.
package enum Simulation {
    /// Packets that a run sends unless told otherwise.
    package static let packetsPerRun = 60_000

    /// Runs a seed.
    ///
    /// - Parameters:
    ///   - lie: changes the metadata of every image before it is checked, to show that this is noticed.
    ///   - damagedImage: the published image, from 1 on, whose pixels are changed before they are checked.
    /// - Returns: what the run has given, the same for every run of the seed.
    /// - Throws: ``Violation`` when something did not hold.
    package static func run(
        seed: UInt64, packets: Int = packetsPerRun, damagedImage: UInt64? = nil, lie: ((inout ImageMetadata) -> Void)? = nil
    ) throws -> SimulationReport {
        var run = try SimulationRun(Scenario(seed: seed, packets: packets), damagedImage: damagedImage, lie: lie)
        return try run.run()
    }
}
