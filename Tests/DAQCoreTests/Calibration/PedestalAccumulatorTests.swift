import CDAQTestSupport
import DAQCore
import Testing

@Suite("Pedestal of a dark run")
struct PedestalAccumulatorTests {
    static let pixels = 512 * 1024

    static func darkFrame(_ number: Int, gain: UInt32) -> [UInt16] {
        ReferenceData.filled(pixels) { cdaq_test_dark_frame($0, pixels, UInt32(number), gain) }
    }

    static func flat(_ adc: UInt16, gain: UInt16, modules: Int = 1) -> [UInt16] {
        Array(repeating: gain << 14 | adc, count: modules * pixels)
    }

    @Test("The reference run gives the reference pedestal")
    func referenceRun() throws {
        #expect(digest(Self.darkFrame(0, gain: 0)) == "b0b1150933f3ae97032762ea76effb0f")
        #expect(digest(Self.darkFrame(150, gain: 1)) == "ffa39d6c2fb66b916f2e19a06f1dab33")
        var accumulator = PedestalAccumulator(modules: 1, window: 50)
        for number in 0..<240 {
            let gain: UInt32 = number < 120 ? 0 : number < 180 ? 1 : 3
            let frame = Self.darkFrame(number, gain: gain)
            accumulator.add(frame.span.bytes, isGood: number % 40 != 39, information: [gain << 12])
        }
        #expect(accumulator.counts.used == [117, 59, 58])
        #expect(accumulator.counts.skipped == [.incomplete: 6])
        let pedestal = try accumulator.result()
        #expect(pedestal.means.map { $0[0] } == [2515.668541435576, 13815.41289203112, 14016.268071251943])
        #expect(pedestal.deviations.map { $0[0] } == [8.631103312227708, 9.91424587281577, 9.14351228775254])
        #expect(digest(pedestal.means.flatMap(\.self)) == "4433b2c549904eefa9266a6b0e03bf3b")
        #expect(digest(pedestal.deviations.flatMap(\.self)) == "65393e308721d4987b2fee974dd3e0d6")
        #expect(digest(pedestal.mask) == "bf8e328e13067a35b0dbb6e06652b1fe")
        #expect(pedestal.mask.count { $0 == 20 } == 115)
    }

    @Test("Frames that show another state than they should are skipped, with the reason")
    func skippedFrames() {
        var accumulator = PedestalAccumulator(modules: 2)
        let dark = Self.flat(2500, gain: 0, modules: 2)
        #expect(accumulator.add(dark.span.bytes, isGood: false, information: [0, 0]) == .incomplete)
        #expect(accumulator.add(dark.span.bytes, isGood: true, information: [0, 1 << 12]) == .modulesDisagree)
        #expect(accumulator.add(dark.span.bytes, isGood: true, information: [0, 1]) == .modulesDisagree)
        #expect(accumulator.add(dark.span.bytes, isGood: true, information: [1 << 12, 1 << 12]) == .wrongGain)
        #expect(accumulator.add(dark.span.bytes, isGood: true, information: [2 << 12, 2 << 12]) == .wrongGain)
        // Other bits of the information word, such as the storage cell, say nothing about the gain.
        #expect(accumulator.add(dark.span.bytes, isGood: true, information: [15 << 8, 15 << 8]) == nil)
        #expect(accumulator.counts.used == [1, 0, 0])
        #expect(accumulator.counts.skipped == [.incomplete: 1, .modulesDisagree: 2, .wrongGain: 2])
    }

    @Test("A module known to be bad does not spoil the others", arguments: [0, 1])
    func toleratedModules(tolerated: Int) {
        var accumulator = PedestalAccumulator(modules: 2, toleratedBadModules: tolerated)
        let frame = Self.flat(13_800, gain: 1) + Self.flat(2500, gain: 0)
        let reason = accumulator.add(frame.span.bytes, isGood: true, information: [1 << 12, 1 << 12])
        #expect(reason == (tolerated == 1 ? nil : .wrongGain))
    }

    @Test("A module that is not there is bad, and the others are judged without it", arguments: [0, 1, 2])
    func absentModule(absent: Int) throws {
        var accumulator = PedestalAccumulator(modules: 3, absentModules: [absent])
        func frame(_ adc: UInt16, gain: UInt16) -> [UInt16] {
            (0..<3).flatMap { $0 == absent ? Self.flat(0, gain: 0) : Self.flat(adc, gain: gain) }
        }
        // Nothing is gain 0, which must not count as that of the modules that are there.
        let wrong = frame(2500, gain: 1)
        #expect(accumulator.add(wrong.span.bytes, isGood: true, information: [0]) == .wrongGain)
        for gain in [0, 1, 3] as [UInt16] {
            for noise in 0..<2 as Range<UInt16> {
                let dark = frame(5000 + 2 * noise, gain: gain)
                #expect(accumulator.add(dark.span.bytes, isGood: true, information: [UInt32(gain) << 12]) == nil)
            }
        }
        let pedestal = try accumulator.result()
        for module in 0..<3 {
            let pixel = module * Self.pixels + 17
            #expect((pedestal.mask[pixel] == 0) == (module != absent))
            if module != absent { #expect(pedestal.means.map { $0[pixel] } == [5001, 5001, 5001]) }
        }
    }

    @Test("One frame in the wrong gain makes a pixel bad, high gain with a bit of its own")
    func wrongGainBits() throws {
        var accumulator = PedestalAccumulator(modules: 1)
        for (gain, information) in [(0, 1), (1, 1 << 12), (3, 3 << 12)] as [(UInt16, UInt32)] {
            for noise in 0..<4 as Range<UInt16> {
                var frame = Self.flat(5000 + noise, gain: gain)
                if noise == 2 { frame[Int(gain)] ^= 0x4000 }
                frame[10] = gain << 14 | 77
                accumulator.add(frame.span.bytes, isGood: true, information: [information])
            }
        }
        let pedestal = try accumulator.result()
        #expect(pedestal.mask[0] == 1 << 5)
        #expect(pedestal.mask[1] == 1 << 2)
        #expect(pedestal.mask[3] == 1 << 4)
        #expect(pedestal.mask[10] == 1 << 9 | 1 << 10 | 1 << 12)
        #expect(pedestal.mask[11] == 0)
        #expect(pedestal.means[1][11] == 5001.5)
    }

    @Test("A run without a stage, or without a good pixel, is refused")
    func refusals() {
        var accumulator = PedestalAccumulator(modules: 1)
        let dark = Self.flat(2500, gain: 0)
        accumulator.add(dark.span.bytes, isGood: true, information: [0])
        #expect(throws: PedestalError.noFrames(stage: 1, accumulator.counts)) { _ = try accumulator.result() }
        for (gain, information) in [(1, 1 << 12), (3, 3 << 12)] as [(UInt16, UInt32)] {
            let frame = Self.flat(14_000, gain: gain)
            accumulator.add(frame.span.bytes, isGood: true, information: [information])
        }
        // One frame a stage shows no noise anywhere.
        #expect(throws: PedestalError.noGoodPixel(accumulator.counts)) { _ = try accumulator.result() }
    }
}
