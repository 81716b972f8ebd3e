import DAQCore
import DAQSimulation
import Testing

@Suite struct SimulationTests {
    /// Debug builds take some hundred times longer than release builds.
    private static let packets = 3000

    @Test(arguments: 1...12 as ClosedRange<UInt64>) func theSameSeedGivesTheSameRun(seed: UInt64) throws {
        let first = try Simulation.run(seed: seed, packets: Self.packets)
        let second = try Simulation.run(seed: seed, packets: Self.packets)
        #expect(first == second)
        #expect(first.images > 0)
    }
}
