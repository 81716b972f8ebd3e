import DAQBuffer
import DAQCore

extension FuzzTarget {
    /// Messages of an image stream of any bytes.
    ///
    /// Byte 0 chooses the format; each message is its number of parts, and each part its length in two bytes, then its bytes.
    package static let streams = FuzzTarget(name: "streams", maximumBytes: 4096) { bytes in
        var input = FuzzInput(bytes)
        let formats = SourceConfiguration.Format.allCases
        let format = formats[input.number(below: formats.count)]
        var decoder: any ImageMessageDecoder = format == .bsread ? BsreadDecoder(channel: nil) : Array10Decoder()
        var payload = StreamPayload()
        while !input.isAtEnd {
            let parts = (0..<input.number(below: 8)).map { _ in
                input.bytes(Int(input.byte()) | Int(input.byte()) << 8)
            }
            guard format != .stdDAQ else {
                for part in parts { checkServices(Array(part)) }
                continue
            }
            do {
                let image = try decoder.decode(parts)
                check(image, parts)
                guard image.format.bytes <= 1 << 16 else { continue }
                let slot = UnsafeMutableRawBufferPointer.allocate(byteCount: image.format.bytes, alignment: 8)
                defer { slot.deallocate() }
                try payload.read(parts[image.payloadPart], of: image, into: slot)
            } catch let refusal as StreamRefusal {
                require(!refusal.description.isEmpty, "refused without a reason")
            } catch {
                require(false, "refused with \(error)")
            }
        }
    } seeds: {
        StreamSeed.all
    }

    /// What std-daq services say about an image: it can be, and says the same when it is written again.
    private static func checkServices(_ bytes: [UInt8]) {
        guard let metadata = try? StdDAQMetadata(protobuf: bytes) else { return }
        check(StreamedImage(id: metadata.id, format: metadata.format), [UnsafeRawBufferPointer(start: nil, count: 0)])
        var written: [UInt8] = []
        metadata.appendProtobuf(to: &written)
        require((try? StdDAQMetadata(protobuf: written)) == metadata, "\(metadata) changes on its way")
    }

    private static func check(_ image: StreamedImage, _ parts: [UnsafeRawBufferPointer]) {
        let sides = 1...DetectorConfiguration.maximumImageSide
        require(sides.contains(image.format.width) && sides.contains(image.format.height), "an image of \(image.format)")
        require(parts.indices.contains(image.payloadPart), "pixels in part \(image.payloadPart) of \(parts.count)")
    }
}

/// Valid messages of every format.
private enum StreamSeed {
    static var all: [(name: String, bytes: [UInt8])] {
        let pixels = [UInt8](repeating: 9, count: 12)
        let array = #"{"htype":"array-1.0","shape":[2,3],"type":"uint16","frame":7,"pulse_id":70,"endianness":"big"}"#
        let main = #"{"htype":"bsr_m-1.1","pulse_id":99,"hash":"0","global_timestamp":{"sec":5,"ns":7}}"#
        let packed = main.replacing("}}", with: #"},"dh_compression":"bitshuffle_lz4"}"#)
        let plain = #"{"htype":"bsr_d-1.1","channels":[{"name":"X"},{"name":"A","type":"uint16","shape":[3,2]}]}"#
        let chunked =
            #"{"htype":"bsr_d-1.1","channels":[{"name":"A","type":"uint8","shape":[3,4],"compression":"bitshuffle_lz4"}]}"#
        let stamp = [UInt8](repeating: 1, count: 16)
        // Eight pixels in an LZ4 block of literals, four as they are.
        let chunk: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 8, 0, 0, 0, 9, 0x80] + Array(0..<8) + [1, 2, 3, 4]
        return [
            ("array", [0] + message([Array(array.utf8), pixels]) + message([Array(array.utf8), pixels])),
            ("array-cut", [0] + message([Array(array.utf8), Array(pixels.dropLast())])),
            ("bsread", [1] + message([Array(main.utf8), Array(plain.utf8), [1], [], pixels, stamp])),
            ("bsread-chunk", [1] + message([Array(main.utf8), Array(chunked.utf8), chunk, []])),
            ("std-daq", [2] + message([[8, 7, 16, 2, 24, 3, 32, 12, 40, 2, 48, 1, 74, 2, 8, 5]])),
            ("bsread-packed-header", [1] + message([Array(packed.utf8), chunk, pixels, []])),
        ]
    }

    private static func message(_ parts: [[UInt8]]) -> [UInt8] {
        [UInt8(parts.count)] + parts.flatMap { [UInt8($0.count & 0xFF), UInt8($0.count >> 8)] + $0 }
    }
}
