import DAQCore
import DAQSimulator
import Testing

@testable import DAQBuffer

@Suite("Slots of std-daq services")
struct SlotWatchTests {
    @Test("An image is safe until the ids have gone seven eighths of the slots further")
    func margin() {
        var watch = SlotWatch(slots: 1000)
        let first = watch.note(12_345)
        _ = watch.note(12_345 + 874)
        #expect(watch.isSafe(first))
        _ = watch.note(12_345 + 875)
        #expect(!watch.isSafe(first))
    }

    @Test("Ids that repeat change nothing; ids that are far apart spoil everything")
    func jumps() {
        var watch = SlotWatch(slots: 1000)
        let first = watch.note(7)
        for _ in 0..<5000 { _ = watch.note(7) }
        #expect(watch.isSafe(first))
        for id in [UInt64.max, 0, .max, 0, 5] {
            let position = watch.note(id)
            #expect(!watch.isSafe(first) && watch.isSafe(position))
        }
    }

    @Test("After a restart the images that the new ids approach are given up, and the others are not")
    func restart() {
        var watch = SlotWatch(slots: 1000)
        let behind = watch.note(3990)
        let ahead = watch.note(4001)
        // Slot 0: the ids go on from there as far as slots are concerned.
        _ = watch.note(5000)
        #expect(!watch.isSafe(behind) && !watch.isSafe(ahead))
        let last = watch.note(5100)
        _ = watch.note(1)
        #expect(!watch.isSafe(last), "slot 100 is written next but 98")

        let same = watch.note(2000)
        _ = watch.note(1000)
        #expect(!watch.isSafe(same), "both have slot 0")

        var other = SlotWatch(slots: 1000)
        let safe = other.note(600)
        _ = other.note(1)
        #expect(other.isSafe(safe), "slot 600 comes after 598 others")
    }

    @Test("Against a memory that is played slot by slot, no image is called safe that is not there (seeded)")
    func property() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let slots = UInt64(random.next() % 60 + 8)
            var watch = SlotWatch(slots: Int(slots))
            var memory: [UInt64: UInt64] = [:]
            var noted: [(id: UInt64, position: SlotWatch.Position)] = []
            var id = random.next() % 1000
            for _ in 0..<300 {
                switch random.next() % 20 {
                case 0: id = random.next() % 1000
                case 1: id += random.next() % (2 * slots)
                default: id += 1
                }
                memory[id % slots] = id
                // The next ones may be being written already.
                for ahead in 1..<max(1, slots / 8) { memory[(id + ahead) % slots] = .max }
                noted.append((id, watch.note(id)))
                let wrong = noted.suffix(Int(2 * slots)).first { watch.isSafe($0.position) && memory[$0.id % slots] != $0.id }
                guard wrong == nil else {
                    Issue.record("seed \(seed), \(slots) slots: image \(wrong?.id ?? 0) is not there")
                    return
                }
            }
        }
    }

    @Test("The number of slots follows from the size of the memory, by the rule of the services")
    func slots() {
        func slots(_ width: Int, _ height: Int, _ gigabytes: Int) -> Int? {
            let format = ImageFormat(width: width, height: height, pixelType: .uint16)
            let count = max(gigabytes << 30 / format.bytes, 1000)
            let object = (count * format.bytes + 2_097_151) / 2_097_152 * 2_097_152
            let found = StdDAQPixels.slots(in: object, of: format)
            #expect(found == nil || found == count)
            return found
        }
        #expect(slots(1024, 512, 0) == 1000)
        #expect(slots(1024, 512, 4) == 4096)
        #expect(slots(64, 48, 1) == 174_762)
        #expect(slots(4148, 4362, 200) == 5934)
        // 1001 images fit into a GiB, and 1000 would have the same size.
        #expect(slots(1000, 536, 1) == nil)
        let format = ImageFormat(width: 1024, height: 512, pixelType: .uint16)
        for bytes in [0, 4096, 1 << 20, 1000 << 20 + 1, Int.max] { #expect(StdDAQPixels.slots(in: bytes, of: format) == nil) }
    }
}
