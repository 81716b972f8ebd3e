import DAQCore

/// Where the pixels of simulated detectors belong in an image, and what they are: worked out anew, without the product's tables.
struct PixelModel {
    /// Pixels of a packet that every packet carries and every image is checked for; the others in some frames only.
    static let markers = 4

    /// Pixels in a packet.
    let pixelsPerPacket: Int
    /// Which pixels of a packet are its markers.
    let markerPixels: [Int]
    /// For each stream the image position of every pixel it sends, packet after packet.
    let positions: [[Int32]]
    /// The same for the markers alone.
    let markerPositions: [[Int32]]
    /// Image positions where no sensor is.
    let gaps: [Int32]
    let pixelType: PixelType
    private let seed: UInt64

    init(_ configuration: DetectorConfiguration, streams: [UDPStream], formats: [StandardPacketFormat], seed: UInt64) {
        let pixels = formats[0].payloadBytes / formats[0].pixelType.bytes
        pixelsPerPacket = pixels
        pixelType = formats[0].pixelType
        markerPixels = [0, pixels / 3, 2 * pixels / 3 + 1, pixels - 1]
        self.seed = seed
        positions = zip(streams, formats).map { stream, format in Self.positions(of: stream, format, configuration) }
        markerPositions = positions.map { [markerPixels] positions in
            stride(from: 0, to: positions.count, by: pixels).flatMap { first in markerPixels.map { positions[first + $0] } }
        }
        var isGap = [Bool](repeating: true, count: configuration.imageWidth * configuration.imageHeight)
        for position in positions.joined() { isGap[Int(position)] = false }
        gaps = isGap.indices.filter { isGap[$0] }.map { Int32($0) }
    }

    private static func positions(
        of stream: UDPStream, _ format: StandardPacketFormat, _ configuration: DetectorConfiguration
    ) -> [Int32] {
        guard let area = configuration.modulePositions[stream.module] else { return [] }
        let (columns, rows) = format.frameSize
        let isEiger = configuration.type == .eiger
        let columnGap = area.width > columns ? 2 : 0
        let rowGap = area.height > rows * configuration.udpInterfaces ? 2 : 0
        // Rows that are read lie around the middle of a module; the second interface sends those from the middle on.
        let firstRow = stream.part * rows
        let middle = rows * configuration.udpInterfaces / 2
        let down = area.yEnd >= area.yStart ? 1 : -1
        return (0..<rows * columns).map { pixel in
            let (row, column) = (firstRow + pixel / columns, pixel % columns)
            let x = area.xStart + column + columnGap * (column / 256)
            let y = area.yStart + down * (row + (!isEiger && row >= middle ? rowGap : 0))
            return Int32(y * configuration.imageWidth + x)
        }
    }

    /// A number that no other frame of a stream has: with it all its pixels can be told.
    func tag(frame: Int, stream: Int) -> UInt64 {
        Self.mixed(seed &+ UInt64(frame) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(stream) &* 0xD1B5_4A32_D192_ED03)
    }

    /// The bits of a pixel; `packet` counts from 0.
    @inline(__always)
    func bits(tag: UInt64, packet: Int, pixel: Int) -> UInt32 {
        let number = tag &+ UInt64(truncatingIfNeeded: packet &* pixelsPerPacket &+ pixel) &* 0x9E37_79B9_7F4A_7C15
        return UInt32(truncatingIfNeeded: (number ^ number >> 31) >> 16)
    }

    private static func mixed(_ number: UInt64) -> UInt64 {
        var number = number
        number = (number ^ number >> 30) &* 0xBF58_476D_1CE4_E5B9
        number = (number ^ number >> 27) &* 0x94D0_49BB_1331_11EB
        return number ^ number >> 31
    }
}
