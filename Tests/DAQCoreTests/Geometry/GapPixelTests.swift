import DAQBuffer
import Testing

@testable import DAQCore

/// Pixels that no packet brings are written once: whoever uses memory after another one must not see what that one left.
@Suite struct GapPixelTests {
    /// Receives frames of one module, in which every raw word is `word`, and looks at the last image.
    ///
    /// - Returns: the values in its gap pixels.
    private func gaps(
        of configuration: DetectorConfiguration, in ring: ImageRing, frames: ClosedRange<UInt64>, word: UInt16
    ) throws -> Set<UInt32> {
        let receiver = try SocketlessReceiver(configuration, into: ring, correcting: DoublePixelSharingTests.calibration())
        var found: Set<UInt32> = []
        var images = 0
        for frame in frames {
            for packet in 0..<128 {
                standardDatagram(frame: frame, packet: packet, value: word).withUnsafeBytes {
                    receiver.receive($0, on: 0, at: frame)
                }
            }
            receiver.endVisit(of: 0, at: frame, isEmpty: true)
            receiver.deliverDue { image in
                images += 1
                found = image.withPixels(as: Float.self) { pixels in
                    var values: Set<UInt32> = []
                    for column in [256, 257, 514, 515, 772, 773] {
                        for row in 0..<514 { values.insert(pixels[row * 1030 + column].bitPattern) }
                    }
                    for row in [256, 257] { for column in 0..<1030 { values.insert(pixels[row * 1030 + column].bitPattern) } }
                    return values
                }
            }
        }
        receiver.finish()
        #expect(images == frames.count)
        return found
    }

    @Test(arguments: [CalibrationConfiguration.DoublePixels.keep, .mask])
    func gapsHoldNoChargeOfARunThatSharedIt(with next: CalibrationConfiguration.DoublePixels) throws {
        let sharing = DoublePixelSharingTests.module()
        let plain = DoublePixelSharingTests.module { $0.calibration.doublePixels = next }
        let ring = try ImageRing(format: sharing.imageFormat, slots: 4)
        #expect(try !gaps(of: sharing, in: ring, frames: 1...4, word: 5000).contains(0), "charge is in the gaps")
        #expect(try gaps(of: plain, in: ring, frames: 1...1, word: 1000) == [0])
        #expect(try !gaps(of: sharing, in: ring, frames: 1...1, word: 1000).contains(Float(5000).bitPattern))
    }

    @Test func whatFitsARingOfADeadOwnerDependsOnWhoWritesTheGaps() throws {
        func layout(_ doublePixels: CalibrationConfiguration.DoublePixels) throws -> UInt64 {
            try ImageAssembler.pixelLayout(for: DoublePixelSharingTests.module { $0.calibration.doublePixels = doublePixels })
        }
        #expect(try layout(.interpolate) != layout(.keep))
        #expect(try layout(.keep) == layout(.mask), "a mask changes no gap")
        // What a ring is asked for before there is a calibration is what it is filled for.
        for doublePixels in CalibrationConfiguration.DoublePixels.allCases {
            let configuration = DoublePixelSharingTests.module { $0.calibration.doublePixels = doublePixels }
            let assembler = try ImageAssembler(configuration, calibration: DoublePixelSharingTests.calibration())
            #expect(try layout(doublePixels) == assembler.pixelLayout)
        }
    }
}
