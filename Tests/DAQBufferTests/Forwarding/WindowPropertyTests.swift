import DAQCore
import DAQSimulator
import Testing

@testable import DAQBuffer

/// The two windows over connections that reorder among each other, break, and deliver twice; both ends may start anew.
@Suite("Forwarding: windows")
struct WindowPropertyTests {
    /// What is under way on one connection, first in first out.
    private struct Channel {
        let number: Int
        /// Whether the far end has said over it how far it is; nothing is sent over it before.
        var isReady = false
        var forth: [SendWindow<UInt64>.Work] = []
        var back: [ForwardState] = []
    }

    private struct World {
        var random: SplitMix64
        let parts: Int
        var sender: SendWindow<UInt64>
        var receiver: ReceiveWindow
        var session: UInt64 = 1
        var channels: [Channel] = []
        var lastChannel = 0
        var freeSlots: [Int]
        /// Slots whose image somebody looks at.
        var held: [Int] = []
        /// What came out, in order: ids, and gaps.
        var delivered: [UInt64] = []
        var gaps: [ForwardGap] = []
        var hasEnded = false
        var refused = 0

        init(seed: Int, slots: Int, capacity: Int, parts: Int) {
            random = SplitMix64(seed: UInt64(truncatingIfNeeded: seed))
            self.parts = parts
            sender = SendWindow(capacity: capacity, parts: parts)
            receiver = ReceiveWindow(capacity: max(1, slots / 2), parts: parts, next: 1)
            freeSlots = Array(0..<slots)
        }

        mutating func connect(_ count: Int) {
            while channels.count < count {
                lastChannel += 1
                channels.append(Channel(number: lastChannel))
                tell(channels.count - 1)
            }
        }

        mutating func tell(_ index: Int) {
            channels[index].back.append(ForwardState(session: session, next: receiver.next, limit: receiver.limit))
        }

        mutating func cut(_ index: Int) {
            let channel = channels.remove(at: index)
            // A part of what was under way still arrives.
            for work in channel.forth.prefix(Int.random(in: 0...channel.forth.count, using: &random)) { take(work) }
            sender.lose(channel.number)
        }

        mutating func take(_ work: SendWindow<UInt64>.Work) {
            let verdict: ReceiveWindow.Verdict
            switch work {
            case .part(let id, let sequence, let index):
                verdict = receiver.take(sequence: sequence, part: index, index == 0 ? ImageMetadata(id: id) : nil)
            case .gap(let gap, let sequence): verdict = receiver.take(sequence: sequence, gap)
            case .end(let sequence): verdict = receiver.takeEnd(sequence: sequence)
            }
            if verdict == .refused { refused += 1 }
        }

        /// A slot is free for another image when it was published and nobody looks at it any more.
        mutating func deliver() {
            while receiver.wantsSlot, let slot = freeSlots.popLast() { receiver.give(slot) }
            while let decision = receiver.nextDecision() {
                switch decision {
                case .publish(let slot, let metadata):
                    delivered.append(metadata.id)
                    held.append(slot)
                case .missing(let gap): gaps.append(gap)
                case .end: hasEnded = true
                }
            }
        }

        mutating func step(_ connections: Int, cuts: Double) {
            connect(connections)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let ready = channels.indices.filter { channels[$0].isReady }
                guard let work = sender.next(), let index = ready.randomElement(using: &random) else { break }
                channels[index].forth.append(work)
                sender.markSent(work, over: channels[index].number)
            }
            for index in channels.indices {
                if !channels[index].forth.isEmpty, random.happens(0.7) {
                    let work = channels[index].forth.removeFirst()
                    take(work)
                    if random.happens(0.05) { take(work) }
                    deliver()
                    tell(index)
                }
                if !channels[index].back.isEmpty, random.happens(0.7) {
                    let receiver = sender.confirm(channels[index].back.removeFirst(), by: channels[index].number)
                    #expect(receiver == .current || receiver == .new)
                    channels[index].isReady = true
                }
            }
            if random.happens(0.5), let index = held.indices.randomElement(using: &random) {
                freeSlots.append(held.remove(at: index))
            }
            deliver()
            if let index = channels.indices.randomElement(using: &random) { tell(index) }
            if random.happens(cuts), let index = channels.indices.randomElement(using: &random) { cut(index) }
        }
    }

    @Test("Every image arrives once and in order, whatever connections do", arguments: 0..<120)
    func exactlyOnce(seed: Int) {
        let slots = 2 + seed % 5
        let capacity = 1 + seed % 7
        var world = World(seed: seed, slots: slots, capacity: capacity, parts: 1 + seed % 4)
        var id: UInt64 = 0
        var isEnded = false
        var expectedGaps: [ForwardGap] = []
        var rounds = 0
        while !world.hasEnded, rounds < 200_000 {
            rounds += 1
            if id < 200, world.sender.hasRoom {
                id += 1
                if world.random.happens(0.1) {
                    let gap = ForwardGap(segment: 0, first: id, last: id, step: 1, givenUp: 1)
                    world.sender.append(gap)
                    expectedGaps.append(gap)
                } else {
                    world.sender.append(id)
                }
            } else if id == 200, !isEnded {
                isEnded = true
                world.sender.appendEnd()
            }
            world.step(1 + seed % 3, cuts: 0.08)
            #expect(world.sender.images <= capacity)
        }
        let missing = world.gaps.flatMap { Array(stride(from: $0.first, through: $0.last, by: 1)) }
        #expect(missing == expectedGaps.map(\.first), "seed \(seed)")
        #expect(world.delivered == (1...200).filter { !missing.contains($0) }, "seed \(seed)")
        #expect(world.hasEnded && world.refused == 0, "seed \(seed)")
    }

    @Test("A receiving end that starts anew gets everything that was not confirmed", arguments: 0..<60)
    func restart(seed: Int) {
        var world = World(seed: seed, slots: 4, capacity: 6, parts: 1 + seed % 3)
        var id: UInt64 = 0
        var rounds = 0
        var restarts = 0
        while world.delivered.last != 200, rounds < 200_000 {
            rounds += 1
            if id < 200, world.sender.hasRoom {
                id += 1
                world.sender.append(id)
            }
            world.step(2, cuts: 0.02)
            if restarts < 5, world.random.happens(0.02) {
                restarts += 1
                while !world.channels.isEmpty {
                    world.sender.lose(world.channels[0].number)
                    world.channels.removeFirst()
                }
                world.session += 1
                world.receiver = ReceiveWindow(capacity: 2, parts: world.parts, next: world.sender.base)
                (world.freeSlots, world.held) = (Array(0..<4), [])
            }
        }
        // Delivered, but not confirmed, an image comes again; none is left out.
        var last: UInt64 = 0
        for id in world.delivered {
            #expect(id <= last + 1, "seed \(seed): \(id) after \(last)")
            last = id
        }
        #expect(last == 200 && world.refused == 0, "seed \(seed)")
    }

    /// One host of a chain: what it forwards, and what the next one makes of it.
    private struct Hop {
        var finder = GapFinder(step: 1, maxGap: 1000)
        var window = SendWindow<ImageKey>(capacity: 1000, parts: 1)
        var accounts = ForwardAccounts()
        var ledger = ImageLedger()
        /// What the next host sees behind the last image.
        var missing: [ForwardGap] = []
        var images: [ImageKey] = []

        mutating func send(_ key: ImageKey) {
            if let gap = finder.advance(to: key.id, segment: key.segment) { window.append(gap) }
            window.append(key)
        }

        mutating func giveUp(_ key: ImageKey) {
            if let gap = finder.advance(to: key.id, segment: key.segment) { window.append(gap) }
            window.append(ForwardGap(segment: key.segment, first: key.id, last: key.id, step: 1, givenUp: 1))
        }

        /// Everything goes over one connection to a host that has room for it.
        mutating func end(after upstream: [ForwardGap] = []) {
            for gap in upstream { window.append(gap, &finder) }
            window.appendEnd()
            var receiver = ReceiveWindow(capacity: 1000, parts: 1, next: 1)
            for slot in 0..<1000 { receiver.give(slot) }
            _ = window.confirm(ForwardState(session: 1, next: 1, limit: receiver.limit), by: 1)
            accounts.begin(step: 1, maxGap: 1000)
            while let work = window.next() {
                window.markSent(work, over: 1)
                switch work {
                case .part(let key, let sequence, _):
                    var metadata = ImageMetadata(id: key.id)
                    metadata.segment = key.segment
                    _ = receiver.take(sequence: sequence, part: 0, metadata)
                case .gap(let gap, let sequence): _ = receiver.take(sequence: sequence, gap)
                case .end(let sequence): _ = receiver.takeEnd(sequence: sequence)
                }
            }
            while let decision = receiver.nextDecision() {
                switch decision {
                case .publish(_, let metadata):
                    images.append(ImageKey(segment: metadata.segment, id: metadata.id))
                    missing = []
                    _ = accounts.publish(metadata, &ledger)
                case .missing(let gap):
                    missing.append(gap.passedOn(0))
                    _ = accounts.miss(gap, &ledger)
                case .end: return
                }
            }
        }
    }

    @Test("Behind a relay the same ids are accounted for, those behind the last image as well", arguments: 0..<200)
    func relay(seed: Int) {
        var random = SplitMix64(seed: UInt64(truncatingIfNeeded: seed))
        var detector = Hop()
        var key = ImageKey(segment: 0, id: 1)
        detector.send(key)
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            key = ImageKey(segment: key.segment, id: key.id + 1)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: detector.giveUp(key)
            case 1: break
            default: detector.send(key)
            }
        }
        // Often a counter that starts again, of which nothing is sent any more.
        for segment in 1...2 as ClosedRange<UInt32> where random.happens(0.5) {
            for id in 1...UInt64.random(in: 1...5, using: &random) {
                detector.giveUp(ImageKey(segment: segment, id: id))
            }
        }
        detector.end()

        var relay = Hop()
        var dropped: UInt64 = 0
        for (index, key) in detector.images.enumerated() {
            // A stage may drop what is followed by something.
            let isLast = index == detector.images.count - 1
            if index > 0, !isLast || detector.missing.first?.segment == key.segment, random.happens(0.2) {
                dropped += 1
            } else {
                relay.send(key)
            }
        }
        relay.end(after: detector.missing)
        let (near, far) = (detector.ledger, relay.ledger)
        #expect(far.expected == near.expected && far.segments == near.segments, "seed \(seed)")
        #expect(far.complete == near.complete - dropped, "seed \(seed)")
        // What the first host has given up never reached the relay.
        #expect(far.missing == near.missing + near.dropped[.notForwarded, default: 0] + dropped, "seed \(seed)")
        #expect(relay.missing.map(\.last) == detector.missing.map(\.last), "seed \(seed)")
    }

    @Test("Of several receivers at one sender the last that came gets every image whole", arguments: 0..<60)
    func severalReceivers(seed: Int) {
        var random = SplitMix64(seed: UInt64(truncatingIfNeeded: seed))
        let parts = 1 + seed % 4
        var sender = SendWindow<UInt64>(capacity: 4, parts: parts)
        var receivers: [ReceiveWindow] = []
        // Two connections each, numbered in the order in which they were made.
        var channels: [(receiver: Int, isReady: Bool, forth: [SendWindow<UInt64>.Work])] = []
        var delivered: [[UInt64]] = []
        var id: UInt64 = 0
        func come() {
            receivers.append(ReceiveWindow(capacity: 2, parts: parts, next: sender.base))
            receivers[receivers.count - 1].give(0)
            receivers[receivers.count - 1].give(1)
            delivered.append([])
            for _ in 0..<2 { channels.append((receivers.count - 1, false, [])) }
        }
        come()
        var gone: Int?
        var rounds = 0
        while !delivered.contains(where: { $0.last == 100 }), rounds < 50_000 {
            rounds += 1
            if receivers.count < 2 + seed % 3, id > 10 * UInt64(receivers.count) { come() }
            // The last one goes, and those before it may have the rest.
            if receivers.count > 1, gone == nil, seed % 4 == 3, random.happens(0.01) {
                gone = receivers.count - 1
                for channel in [channels.count - 1, channels.count - 2] {
                    channels[channel] = (receivers.count - 1, false, [])
                    sender.lose(channel)
                }
                sender.forgetReceiver()
            }
            if id < 100, sender.hasRoom {
                id += 1
                sender.append(id)
            }
            let ready = channels.indices.filter { channels[$0].isReady }
            if let channel = ready.randomElement(using: &random), let work = sender.next() {
                channels[channel].forth.append(work)
                sender.markSent(work, over: channel)
            }
            let channel = Int.random(in: channels.indices, using: &random)
            let own = channels[channel].receiver
            if own == gone { continue }
            if !channels[channel].forth.isEmpty {
                if case .part(let id, let sequence, let index) = channels[channel].forth.removeFirst() {
                    _ = receivers[own].take(sequence: sequence, part: index, index == 0 ? ImageMetadata(id: id) : nil)
                }
                while case .publish(let slot, let metadata)? = receivers[own].nextDecision() {
                    delivered[own].append(metadata.id)
                    receivers[own].give(slot)
                }
            }
            // Each says how far it is, again and again, also those after which another has come.
            let state = ForwardState(session: UInt64(own + 1), next: receivers[own].next, limit: receivers[own].limit)
            switch sender.confirm(state, by: channel) {
            case .new: for other in channels.indices { channels[other].isReady = other == channel }
            case .current: channels[channel].isReady = true
            case .behind:
                for other in channels.indices { channels[other].isReady = false }
                receivers[own] = ReceiveWindow(capacity: 2, parts: parts, next: sender.base)
                for slot in 0..<2 { receivers[own].give(slot) }
            case .former, .impossible: break
            }
        }
        #expect(rounds < 50_000, "seed \(seed): \(delivered)")
        for ids in delivered { #expect(ids == ids.sorted() && Set(ids).count == ids.count, "seed \(seed)") }
        // One after the other they have got them all.
        #expect(Set(delivered.joined()) == Set(1...100), "seed \(seed)")
    }

    @Test("Images that cannot be sent are one gap, and the memory for it stays small")
    func stall() {
        var window = SendWindow<Int>(capacity: 2, parts: 3)
        window.append(1)
        window.append(2)
        #expect(!window.hasRoom)
        for id in 3...100_000 as ClosedRange<UInt64> {
            window.append(ForwardGap(segment: 0, first: id, last: id, step: 1, givenUp: 1))
        }
        #expect(window.end == 4)
        // A thousand restarts of a detector while nothing is sent: still counted, if not all named.
        for segment in 1...1000 as ClosedRange<UInt32> {
            window.append(ForwardGap(segment: segment, first: 1, last: 1, step: 1, givenUp: 1))
        }
        #expect(window.end < 200)
    }

    @Test("What a peer may not say is refused and changes nothing")
    func impossible() {
        var sender = SendWindow<Int>(capacity: 4, parts: 1)
        sender.append(1)
        let answer1 = sender.confirm(ForwardState(session: 1, next: 3, limit: 9), by: 1)
        #expect(answer1 == .impossible)
        let answer2 = sender.confirm(ForwardState(session: 1, next: 1, limit: 0), by: 1)
        #expect(answer2 == .impossible)
        let work = sender.next()
        #expect(work == nil && sender.base == 1)

        var receiver = ReceiveWindow(capacity: 2, parts: 2, next: 1)
        let metadata = ImageMetadata(id: 1)
        let answer3 = receiver.take(sequence: 1, part: 0, metadata)
        #expect(answer3 == .refused)
        receiver.give(7)
        #expect(receiver.limit == 2)
        let answer4 = receiver.take(sequence: 2, part: 0, metadata)
        #expect(answer4 == .refused)
        let answer5 = receiver.take(sequence: 1, part: 2, nil)
        #expect(answer5 == .refused)
        let answer6 = receiver.take(sequence: 1, part: 1, nil)
        #expect(answer6 == .place(slot: 7))
        let answer7 = receiver.takeEnd(sequence: 1)
        #expect(answer7 == .refused)
        let answer8 = receiver.take(sequence: .max, part: 0, metadata)
        #expect(answer8 == .refused)
        let answer9 = receiver.nextDecision()
        #expect(answer9 == nil)
        let answer10 = receiver.take(sequence: 1, part: 0, metadata)
        #expect(answer10 == .place(slot: 7))
        let answer11 = receiver.nextDecision()
        #expect(answer11 == .publish(slot: 7, metadata))
        let answer12 = receiver.take(sequence: 1, part: 0, metadata)
        #expect(answer12 == .duplicate)
    }
}
