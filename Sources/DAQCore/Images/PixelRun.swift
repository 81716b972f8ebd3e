/// Neighbouring pixels of a packet that stay neighbours, in one direction, in the image.
struct PixelRun: Sendable, Equatable {
    /// First pixel in the packet's payload.
    var source: UInt32
    /// Number of pixels.
    var count: UInt32
    /// Image position of the first pixel; the others follow at the stream's step.
    var destination: Int
}

/// The way of one UDP stream's packets into the image.
struct StreamPlacement {
    /// Number of the first packet of a frame.
    var firstPacket = 0
    /// Number of packets of a frame; 0 when the stream is not placed.
    var packetCount = 0
    /// Bytes of pixels in a packet.
    var payloadBytes = 0
    /// Pixels in a packet.
    var pixelsPerPacket = 0
    /// Pedestals of gain stage 0 from packet 0's first pixel on, the other planes behind them; `nil` when nothing is corrected.
    var corrections: UnsafePointer<Float>?
    /// From a plane to the next one.
    var planeStride = 0
    /// Image positions from one pixel of a run to the next.
    var step = 1
    /// Where this stream's entries begin in ``PixelRunTable/bounds``: packet n has the runs from entry n to entry n + 1.
    var firstBound = 0
}

/// The runs of every packet of every stream, made once and then only read.
///
/// Plain memory instead of arrays, since a packet is placed several hundred thousand times a second: a look-up is two loads.
// Sendable: all properties are constants, and the memory behind them is written only by `init` and freed only by `deinit`.
final class PixelRunTable: @unchecked Sendable {
    /// One entry a stream, placed or not.
    let streams: UnsafeBufferPointer<StreamPlacement>
    /// Indices into ``runs``.
    let bounds: UnsafeBufferPointer<Int32>
    /// All runs, in the order of streams and packets.
    let runs: UnsafeBufferPointer<PixelRun>
    /// Owns the planes that ``streams`` point into.
    private let correction: CorrectionTables?

    /// The table of a detector.
    init(_ configuration: DetectorConfiguration, _ geometry: Geometry, _ correction: CorrectionTables?) {
        self.correction = correction
        var streams = Array(repeating: StreamPlacement(), count: configuration.streamCount)
        var bounds: [Int32] = []
        var runs: [PixelRun] = []
        for stream in configuration.placedStreams {
            guard let placement = geometry.modules[stream.module] else { continue }
            let format = configuration.packetFormat(of: stream)
            var entry = StreamPlacement()
            entry.firstPacket = format.packets.lowerBound
            entry.packetCount = format.packets.count
            entry.payloadBytes = format.payloadBytes
            entry.pixelsPerPacket = format.payloadBytes / format.pixelType.bytes
            // The second interface of a module counts its packets from the middle row on.
            let firstInModule = stream.part * geometry.shape.pixels / 2
            if let correction {
                // The planes cover all modules, as CorrectionTables has checked.
                let firstPixel = stream.module * geometry.shape.pixels + firstInModule
                entry.corrections = correction.planes.baseAddress.map { $0 + firstPixel }
                entry.planeStride = correction.stride
            }
            entry.step = placement.columnStep
            entry.firstBound = bounds.count
            for packet in format.packets {
                bounds.append(Int32(runs.count))
                let first = firstInModule + packet * entry.pixelsPerPacket
                Self.append(first..<first + entry.pixelsPerPacket, of: placement, to: &runs)
            }
            bounds.append(Int32(runs.count))
            // Placing relies on this instead of testing every run again.
            for run in runs[Int(bounds[entry.firstBound])...] {
                let last = run.destination + (Int(run.count) - 1) * entry.step
                precondition(
                    min(run.destination, last) >= 0 && max(run.destination, last) < geometry.slotPixels
                        && Int(run.source) + Int(run.count) <= entry.pixelsPerPacket,
                    "a pixel run of stream \(stream.number) leaves its packet or its slot")
            }
            streams[stream.number] = entry
        }
        self.streams = Self.copied(streams)
        self.bounds = Self.copied(bounds)
        self.runs = Self.copied(runs)
    }

    deinit {
        streams.deallocate()
        bounds.deallocate()
        runs.deallocate()
    }

    /// The runs of one packet.
    ///
    /// - Precondition: `index` is below the stream's packet count.
    @inline(__always)
    func runs(of stream: borrowing StreamPlacement, at index: Int) -> UnsafeBufferPointer<PixelRun> {
        let bound = stream.firstBound &+ index
        return UnsafeBufferPointer(rebasing: runs[Int(bounds[bound])..<Int(bounds[bound &+ 1])])
    }

    /// A number that tells layouts apart: equal when the same pixels of a slot are written and the others have one value.
    ///
    /// FNV-1a over everything that says where pixels go, and whether gap pixels are written with every image.
    func layout(_ configuration: DetectorConfiguration, of format: ImageFormat, gapBits: UInt32, slotBytes: Int) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ number: Int) { hash = (hash ^ UInt64(bitPattern: Int64(number))) &* 0x0000_0100_0000_01B3 }
        for number in [format.width, format.height, format.pixelType.bytes, Int(gapBits), slotBytes] { add(number) }
        add(configuration.sharesGaps ? 1 : 0)
        for byte in (configuration.geometry?.name ?? "").utf8 { add(Int(byte)) }
        for stream in streams where stream.packetCount > 0 {
            add(stream.step)
            for run in runs[Int(bounds[stream.firstBound])..<Int(bounds[stream.firstBound + stream.packetCount])] {
                add(run.destination)
                add(Int(run.count))
            }
        }
        // 0 and the largest number have meanings of their own.
        return min(max(1, hash), ImageAssembler.wholeImages - 1)
    }

    /// Cuts pixels, counted in the module, at the ends of rows and chips, and joins what lies in one line all the same.
    private static func append(_ pixels: Range<Int>, of placement: FramePlacement, to runs: inout [PixelRun]) {
        let shape = placement.shape
        let piece = placement.gap == 0 ? shape.columns : shape.chip ?? shape.columns
        let firstOfPacket = runs.count
        var pixel = pixels.lowerBound
        while pixel < pixels.upperBound {
            let (row, column) = pixel.quotientAndRemainder(dividingBy: shape.columns)
            let count = min(piece - column % piece, pixels.upperBound - pixel)
            let destination = placement.destination(column: column, row: row)
            if runs.count > firstOfPacket, let last = runs.last,
                last.destination + Int(last.count) * placement.columnStep == destination
            {
                runs[runs.count - 1].count += UInt32(count)
            } else {
                runs.append(
                    PixelRun(source: UInt32(pixel - pixels.lowerBound), count: UInt32(count), destination: destination))
            }
            pixel += count
        }
    }

    private static func copied<Element: BitwiseCopyable>(_ array: [Element]) -> UnsafeBufferPointer<Element> {
        let buffer = UnsafeMutableBufferPointer<Element>.allocate(capacity: array.count)
        _ = buffer.initialize(from: array)
        return UnsafeBufferPointer(buffer)
    }
}
