import DAQCore
import DAQSimulator
import Testing

@Suite struct FaultInjectorTests {
    /// Sends images through a plan and gives back what comes out.
    private func run(
        _ plan: FaultPlan, images: Int = 20, configuration: DetectorConfiguration = Detectors.jungfrau(modules: 2, interfaces: 2)
    ) -> (report: FaultReport, sent: [(stream: Int, bytes: [UInt8])]) {
        let simulator = DetectorSimulator(configuration)
        var injector = FaultInjector(plan, ports: configuration.streams.map(\.udpPort))
        var sent: [(stream: Int, bytes: [UInt8])] = []
        for image in 0..<images {
            simulator.forEachDatagram(image: image) { stream, bytes in
                injector.process(stream: stream, bytes) { sent.append(($0, Array($1))) }
            }
        }
        injector.finish { sent.append(($0, Array($1))) }
        return (injector.report, sent)
    }

    private func address(_ packet: (stream: Int, bytes: [UInt8])) -> PacketAddress {
        PacketAddress(image: field(packet.bytes, 0), port: packet.stream, packet: Int(field(packet.bytes, 12, as: UInt32.self)))
    }

    @Test func anEmptyPlanChangesNothing() {
        let (report, sent) = run(FaultPlan(), images: 2)
        #expect(report.offered == 512 && report.delivered == 512 && sent.count == 512)
        #expect(FaultPlan().isEmpty)
    }

    @Test func lossesAreListedExactly() {
        var plan = FaultPlan()
        plan.loss = 0.05
        plan.seed = 3
        plan.dropped = [PacketAddress(image: 2, port: 1, packet: 63), PacketAddress(image: 3, port: 50102, packet: 0)]
        let (report, sent) = run(plan)
        #expect(report.offered == 5120)
        #expect(report.dropped == 2)
        #expect((180...330).contains(report.lost), "5 % of 5120, seed \(plan.seed): \(report.lost)")
        #expect(report.delivered == sent.count && sent.count == 5120 - report.lost - 2)
        let arrived = Set(sent.map(address))
        #expect(Set(report.lostPackets).count == report.lost + 2)
        #expect(arrived.isDisjoint(with: report.lostPackets))
        #expect(arrived.count + report.lostPackets.count == 5120)
        #expect(report.lostPackets.contains(PacketAddress(image: 3, port: 2, packet: 0)))
    }

    @Test func duplicatesArriveTwice() {
        var plan = FaultPlan()
        plan.duplicate = 0.1
        let (report, sent) = run(plan)
        #expect(report.duplicated > 400 && report.duplicated < 630)
        #expect(sent.count == 5120 + report.duplicated)
        #expect(Set(sent.map(address)).count == 5120)
    }

    @Test(arguments: [1, 7, 200]) func noPacketIsOvertakenByMoreThanThePlanAllows(distance: Int) {
        var plan = FaultPlan()
        plan.reorder = distance
        let (report, sent) = run(plan)
        #expect(report.delayed > 1500)
        #expect(sent.count == 5120 && Set(sent.map(address)).count == 5120)
        var farthest = 0
        for stream in 0..<4 {
            let serials = sent.filter { $0.stream == stream }.map {
                Int(field($0.bytes, 0, as: UInt64.self)) * 64 + address($0).packet
            }
            #expect(serials != serials.sorted())
            for (place, serial) in serials.enumerated() {
                // How many later packets went before this one.
                farthest = max(farthest, serials[..<place].suffix(2 * distance + 1).count { $0 > serial })
            }
        }
        #expect(farthest <= distance && farthest > distance / 3)
    }

    @Test func everyKindOfDamageIsSeenByTheReceiver() {
        var plan = FaultPlan()
        plan.corruption = 0.2
        plan.corruptionKinds = [.truncated, .oversize, .version, .detectorType, .packetNumber]
        let configuration = Detectors.jungfrau(modules: 2, interfaces: 2)
        let (report, sent) = run(plan, configuration: configuration)
        let formats = configuration.streams.map { configuration.packetFormat(of: $0) }
        var seen: [Corruption.Kind: Int] = [:]
        var good = 0
        for packet in sent {
            switch packet.bytes.withUnsafeBytes(formats[packet.stream].read) {
            case .packet: good += 1
            case .malformed(.length): seen[packet.bytes.count < 8240 ? .truncated : .oversize, default: 0] += 1
            case .malformed(.version): seen[.version, default: 0] += 1
            case .malformed(.packetNumber): seen[.packetNumber, default: 0] += 1
            case .malformed(let reason): Issue.record("the format knows no \(reason)")
            case .foreign: seen[.detectorType, default: 0] += 1
            }
        }
        #expect(report.corrupted == seen)
        #expect(report.corruptions.count == 5120 - good)
        #expect(seen.count == 5)
    }

    @Test func flippedBitsNeverMakeACrediblePacketOfAnotherPlace() {
        var plan = FaultPlan()
        plan.corruption = 1
        plan.corruptionKinds = [.flippedBit]
        let simulator = DetectorSimulator(Detectors.jungfrau())
        var injector = FaultInjector(plan)
        var offsets: Set<Int> = []
        for image in 0..<10 {
            simulator.forEachDatagram(image: image) { stream, original in
                injector.process(stream: stream, original) { _, changed in
                    guard case .packet(let header) = simulator.formats[0].read(changed) else { return }
                    guard case .packet(let expected) = simulator.formats[0].read(original) else { return }
                    #expect(header.frameNumber == expected.frameNumber && header.packet == expected.packet)
                }
            }
        }
        for corruption in injector.report.corruptions { offsets.insert(corruption.offset) }
        #expect(injector.report.corrupted == [.flippedBit: 1280])
        #expect(offsets.count > 15)
    }

    @Test func theCounterStartsAgain() {
        var plan = FaultPlan()
        plan.restartAfter = 3
        let (_, sent) = run(plan, images: 8, configuration: Detectors.moench())
        let frames = sent.filter { field($0.bytes, 12, as: UInt32.self) == 0 }.map { field($0.bytes, 0, as: UInt64.self) }
        #expect(frames == [1, 2, 3, 1, 2, 3, 1, 2])
        let simulator = DetectorSimulator(Detectors.moench())
        #expect(Array(sent[150].bytes[48...]) == Array(simulator.datagrams(image: 3)[0].bytes[48...]), "pixels stay")
    }

    @Test func theSamePlanDoesTheSameWhateverTheInterleaving() {
        var plan = FaultPlan()
        plan.loss = 0.1
        plan.duplicate = 0.1
        plan.reorder = 5
        plan.corruption = 0.1
        let first = run(plan)
        let second = run(plan)
        #expect(first.report == second.report)
        #expect(first.sent.map(\.bytes) == second.sent.map(\.bytes))
        // One stream alone loses the same packets.
        var injector = FaultInjector(plan)
        let simulator = DetectorSimulator(Detectors.jungfrau(modules: 2, interfaces: 2))
        for image in 0..<20 {
            simulator.forEachDatagram(image: image) { stream, bytes in
                if stream == 2 { injector.process(stream: 2, bytes) { _, _ in } }
            }
        }
        #expect(injector.report.lostPackets == first.report.lostPackets.filter { $0.port == 2 })
        #expect(!injector.report.lostPackets.isEmpty)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8]) func theReportAddsUp(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var plan = FaultPlan()
        plan.seed = random.next()
        plan.loss = Double(random.next() % 100) / 200
        plan.duplicate = Double(random.next() % 100) / 200
        plan.corruption = Double(random.next() % 100) / 200
        plan.reorder = Int(random.next() % 50)
        plan.corruptionKinds = Corruption.Kind.allCases
        let (report, sent) = run(plan, images: 5)
        #expect(report.delivered + report.lost + report.dropped == report.offered + report.duplicated, "seed \(seed)")
        #expect(report.held == 0 && sent.count == report.delivered, "seed \(seed)")
    }

    @Test func addressesAreReadFromText() {
        #expect(PacketAddress("29513:50020:127") == PacketAddress(image: 29513, port: 50020, packet: 127))
        for wrong in ["", "1:2", "1:2:3:4", "-1:2:3", "a:b:c", "1:70000:2", "1::2"] {
            #expect(PacketAddress(wrong) == nil, "\(wrong)")
        }
    }

    @Test func randomNumbersAreTheDocumentedOnes() {
        var random = SplitMix64(seed: 1_234_567)
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
    }
}
