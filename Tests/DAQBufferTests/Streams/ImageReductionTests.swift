import DAQCore
import Testing

@testable import DAQBuffer

@Suite("Region and binning")
struct ImageReductionTests {
    private func run(_ format: ImageFormat, missing: PixelValue = .extreme) throws -> RunDescription {
        var configuration = try StreamImages(format).run.configuration
        configuration.missingValue = missing
        return RunDescription(configuration: configuration, format: format)
    }

    private func reduced<Pixel: BitwiseCopyable, Sum: BitwiseCopyable>(
        _ reduction: ImageReduction, _ pixels: [Pixel], as: Sum.Type
    ) -> [Sum] {
        let place = UnsafeMutableRawBufferPointer.allocate(byteCount: reduction.output.bytes, alignment: 64)
        defer { place.deallocate() }
        reduction.apply(to: pixels.span.bytes, into: place)
        return Array(place.bindMemory(to: Sum.self))
    }

    @Test("A region is cut out row by row")
    func region() throws {
        let format = ImageFormat(width: 5, height: 4, pixelType: .uint16)
        let reduction = try ImageReduction(of: run(format), to: ImageRegion(xStart: 1, yStart: 2, xEnd: 3, yEnd: 3))
        #expect(reduction.output == ImageFormat(width: 3, height: 2, pixelType: .uint16))
        #expect(reduced(reduction, (0..<20).map { UInt16($0) }, as: UInt16.self) == [11, 12, 13, 16, 17, 18])
        #expect(!reduction.isIdentity)
        #expect(try ImageReduction(of: run(format)).isIdentity)
    }

    @Test("A bin is the sum of its pixels, in a wider type; rests of rows and columns are left out")
    func sums() throws {
        let reduction = try ImageReduction(
            of: run(ImageFormat(width: 5, height: 3, pixelType: .uint16)), binning: 2)
        #expect(reduction.output == ImageFormat(width: 2, height: 1, pixelType: .uint32))
        let pixels: [UInt16] = [65_534, 65_534, 1, 2, 9, 65_534, 65_534, 3, 4, 9, 9, 9, 9, 9, 9]
        #expect(reduced(reduction, pixels, as: UInt32.self) == [4 * 65_534, 10])
    }

    @Test("Sums saturate below the value of missing pixels")
    func saturation() throws {
        let unsigned = try ImageReduction(of: run(ImageFormat(width: 2, height: 2, pixelType: .uint32)), binning: 2)
        #expect(reduced(unsigned, [UInt32](repeating: .max - 1, count: 4), as: UInt32.self) == [.max - 1])
        let signed = try ImageReduction(of: run(ImageFormat(width: 2, height: 2, pixelType: .int32)), binning: 2)
        #expect(reduced(signed, [Int32](repeating: .min + 1, count: 4), as: Int32.self) == [.min + 1])
    }

    @Test("Missing pixels are left out and made up for; a bin with too few others is missing")
    func missing() throws {
        let reduction = try ImageReduction(of: run(ImageFormat(width: 6, height: 2, pixelType: .uint16)), binning: 2)
        let none = UInt16.max
        let pixels: [UInt16] = [none, 10, none, none, none, none, 20, 30, 5, 6, 7, none]
        #expect(reduced(reduction, pixels, as: UInt32.self) == [80, 22, .max])
        let floats = try ImageReduction(of: run(ImageFormat(width: 4, height: 2, pixelType: .float32)), binning: 2)
        let sums = reduced(floats, [.nan, 1.5, .nan, .nan, 1.5, 1.5, .nan, 2] as [Float], as: Float.self)
        #expect(sums[0] == 6)
        #expect(sums[1].isNaN)
    }

    @Test("Missing pixels that are configured as 0 count as 0")
    func missingZero() throws {
        let reduction = try ImageReduction(
            of: run(ImageFormat(width: 2, height: 2, pixelType: .uint16), missing: .number(0)), binning: 2)
        #expect(reduced(reduction, [0, 0, 0, 8] as [UInt16], as: UInt32.self) == [8])
    }

    @Test("Regions outside the image and impossible bins are refused by name")
    func refusals() throws {
        let run = try run(ImageFormat(width: 5, height: 4, pixelType: .uint16))
        for region in [(0, 0, 5, 3), (-1, 0, 2, 2), (3, 0, 2, 2), (0, 4, 2, 4)] {
            let region = ImageRegion(xStart: region.0, yStart: region.1, xEnd: region.2, yEnd: region.3)
            #expect(throws: StreamError.region(region, width: 5, height: 4)) { try ImageReduction(of: run, to: region) }
        }
        for binning in [0, -1, 5, .max] {
            #expect(throws: StreamError.binning(binning, width: 5, height: 4)) {
                try ImageReduction(of: run, binning: binning)
            }
        }
        var raw = run
        raw = RunDescription(
            configuration: DetectorConfiguration(
                name: "j", type: .jungfrauRaw, moduleCount: 1, bitDepth: 16, imageWidth: 5, imageHeight: 4, startUDPPort: 1,
                modulePositions: [:]), format: run.format)
        #expect(throws: StreamError.gainBits) { try ImageReduction(of: raw, binning: 2) }
    }
}
