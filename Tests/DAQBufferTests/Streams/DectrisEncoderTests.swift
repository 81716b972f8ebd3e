import DAQCore
import Testing

@testable import DAQBuffer

@Suite("DECTRIS messages")
struct DectrisEncoderTests {
    private let run: RunDescription

    init() {
        // Two modules of 4 x 2 pixels with a gap of 2 columns between them, in an image of 10 x 3.
        var configuration = DetectorConfiguration(
            name: "d", type: .eiger, moduleCount: 2, bitDepth: 16, imageWidth: 10, imageHeight: 3, startUDPPort: 1,
            modulePositions: [
                1: ModulePosition(xStart: 9, yStart: 1, xEnd: 6, yEnd: 0),
                0: ModulePosition(xStart: 0, yStart: 0, xEnd: 3, yEnd: 1),
            ])
        configuration.imageIDStep = 2
        run = RunDescription(
            configuration: configuration, format: ImageFormat(width: 10, height: 3, pixelType: .uint16), startedAt: 1_000_000_000)
    }

    /// The mask of the start message, row by row.
    private func mask(region: ImageRegion? = nil, binning: Int = 1) throws -> [UInt8] {
        let reduction = try ImageReduction(of: run, to: region, binning: binning)
        var encoder = try DectrisEncoder(StreamDescription(run: run, reduction: reduction))
        var message = StreamMessage()
        encoder.begin(into: &message)
        let key = Array("pixel_mask".utf8)
        let start = try #require(
            message.bytes.indices.first { message.bytes[$0...].starts(with: key) })
        let bytes = reduction.output.pixels * 4
        // The head of the byte string ends where the mask begins; the next key follows the mask.
        let next = [0x72] + Array("pixel_mask_enabled".utf8)
        let end = try #require(message.bytes.indices[start...].first { message.bytes[$0...].starts(with: next) })
        return stride(from: end - bytes, to: end, by: 4).map { message.bytes[$0] }
    }

    @Test("The mask shows where no module lies, also in a part of the image and in bins")
    func masks() throws {
        #expect(
            try mask() == [
                0, 0, 0, 0, 1, 1, 0, 0, 0, 0,
                0, 0, 0, 0, 1, 1, 0, 0, 0, 0,
                1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
            ])
        #expect(try mask(region: ImageRegion(xStart: 3, yStart: 1, xEnd: 6, yEnd: 2)) == [0, 1, 1, 0, 1, 1, 1, 1])
        #expect(try mask(binning: 2) == [0, 0, 1, 0, 0])
        #expect(try mask(binning: 3) == [0, 1, 0])
    }

    @Test("The pixels follow the head in one part, and nothing follows them")
    func onePart() throws {
        let pixels = (0..<12).map { UInt16($0) }
        let messages = try Messages.all(.dectris, of: pixels, ids: [1, 2])
        #expect(messages.allSatisfy { $0.count == 1 })
        #expect(messages[0][0].suffix(24) == pixels.withUnsafeBytes { Array($0) }[...])
        #expect(messages[0][0].starts(with: [0xAA, 0x64] + Array("type".utf8)))
    }

    @Test("Formats without a place for compressed pixels refuse them")
    func compression() throws {
        let stream = StreamDescription(run: run, reduction: try ImageReduction(of: run), compression: .bitshuffleLZ4)
        let error = #expect(throws: StreamError.self) { try StreamFormat.array10.makeEncoder(for: stream) }
        #expect(error?.description.contains("cannot carry compressed pixels") == true)
    }
}
