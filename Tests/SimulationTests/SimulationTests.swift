import DAQCore
import DAQSimulation
import Testing

/// The simulation itself: it can be repeated, and it notices what is wrong.
///
/// `scripts/soak simulation` runs many more seeds in a release build.
@Suite struct SimulationTests {
    /// Debug builds are slow, so runs are short.
    private static let packets = 2000

    @Test(arguments: 1...10 as ClosedRange<UInt64>) func aSeedGivesTheSameRunTwice(seed: UInt64) throws {
        let first = try Simulation.run(seed: seed, packets: Self.packets)
        let second = try Simulation.run(seed: seed, packets: Self.packets)
        #expect(first == second, "\(Simulation.describe(seed: seed, packets: Self.packets))")
        #expect(first.images > 0)
    }

    /// Seeds that have found something once, at their full length.
    @Test(arguments: [20009, 300_323] as [UInt64]) func whatFailedOnceHolds(seed: UInt64) throws {
        #expect(try Simulation.run(seed: seed).images > 0)
    }

    @Test func otherSeedsGiveOtherRuns() throws {
        let digests = try (1...8).map { try Simulation.run(seed: $0, packets: Self.packets).digest }
        #expect(Set(digests).count == 8)
    }

    /// What somebody who forges metadata might say.
    enum Lie: CaseIterable {
        case hidesMissingPackets, inventsMissingPacket, namesAnotherImage, namesAnotherSegment, repeatsAnImage, forgetsPackets
        case saysGood, movesTime

        func tell(_ metadata: inout ImageMetadata, ofImage number: Int) {
            switch self {
            case .hidesMissingPackets:
                metadata.missing = []
                metadata.status = .good
            case .inventsMissingPacket where metadata.missing.isEmpty:
                metadata.missing = [MissingPackets(port: 0, packets: PacketSet(0..<PacketSet.capacity))]
                metadata.status = .missingPackets
            case .inventsMissingPacket: break
            case .namesAnotherImage: if number == 20 { metadata.id += 1 }
            case .namesAnotherSegment: if number == 20 { metadata.segment += 1 }
            case .repeatsAnImage: if number > 20 { metadata.id = 20 }
            case .forgetsPackets: metadata.expectedPackets -= 1
            case .saysGood: metadata.status = .good
            case .movesTime: metadata.detectorTimestamp += 1
            }
        }
    }

    @Test(arguments: Lie.allCases) func aLieIsNoticed(lie: Lie) throws {
        var noticed: [String] = []
        // Not every run has missing packets that can be hidden.
        for seed in 1...12 as ClosedRange<UInt64> where noticed.isEmpty {
            var images = 0
            do {
                _ = try Simulation.run(seed: seed, packets: Self.packets) { metadata in
                    lie.tell(&metadata, ofImage: images)
                    images += 1
                }
            } catch let violation as Violation {
                noticed.append(violation.description)
            }
        }
        #expect(!noticed.isEmpty)
    }

    @Test func aPixelOfAnotherImageIsNoticed() throws {
        #expect(throws: Violation.self) {
            try Simulation.run(seed: 1, packets: Self.packets, damagedImage: 20)
        }
    }
}
