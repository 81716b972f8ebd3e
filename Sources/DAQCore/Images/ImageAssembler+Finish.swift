extension ImageAssembler {
    /// Makes a new slot ready: gap pixels get their value once, since nothing writes them later.
    ///
    /// - Parameter slot: at least ``slotBytes``.
    public func prepare(_ slot: UnsafeMutableRawBufferPointer) {
        precondition(slot.count >= slotBytes, "a slot of \(slot.count) bytes is smaller than \(slotBytes)")
        switch format.pixelType.bytes {
        case 1: pixels(of: slot, as: UInt8.self).update(repeating: UInt8(truncatingIfNeeded: gapBits))
        case 2: pixels(of: slot, as: UInt16.self).update(repeating: UInt16(truncatingIfNeeded: gapBits))
        default: pixels(of: slot, as: UInt32.self).update(repeating: gapBits)
        }
    }

    /// Completes an image: missing pixels, masked pixels, shared charge, and layouts that need all pixels first.
    ///
    /// To be called once, after the last packet was placed. A masked pixel whose packet is missing has the masked value.
    ///
    /// - Parameters:
    ///   - slot: at least ``slotBytes``.
    ///   - missing: the packets that were not placed; streams or packets that do not exist are ignored.
    public func finish(_ slot: UnsafeMutableRawBufferPointer, missing: [MissingPackets]) {
        precondition(slot.count >= slotBytes, "a slot of \(slot.count) bytes is smaller than \(slotBytes)")
        switch format.pixelType {
        case .uint8:
            complete(
                pixels(of: slot, as: UInt8.self), missing, UInt8(truncatingIfNeeded: missingBits),
                UInt8(truncatingIfNeeded: maskedBits))
        case .uint16, .int16:
            let pixels = pixels(of: slot, as: UInt16.self)
            complete(pixels, missing, UInt16(truncatingIfNeeded: missingBits), UInt16(truncatingIfNeeded: maskedBits))
            // Half of a raw word would have other gain bits: wide pixels of strip sensors appear twice.
            sortStrips(pixels) { $0 }
        case .uint32:
            complete(pixels(of: slot, as: UInt32.self), missing, missingBits, maskedBits)
        case .int32:
            let pixels = pixels(of: slot, as: Int32.self)
            let (missingValue, maskedValue) = (Int32(bitPattern: missingBits), Int32(bitPattern: maskedBits))
            complete(pixels, missing, missingValue, maskedValue)
            sortStrips(pixels) { $0 == missingValue || $0 == maskedValue ? $0 : $0 / 2 }
        case .float32:
            let pixels = pixels(of: slot, as: Float.self)
            let (missingValue, maskedValue) = (Float(bitPattern: missingBits), Float(bitPattern: maskedBits))
            complete(pixels, missing, missingValue, maskedValue)
            sharing?.apply(to: pixels)
            sortStrips(pixels) { $0 == missingValue || $0 == maskedValue ? $0 : $0 / 2 }
        }
    }

    private func pixels<Pixel: BitwiseCopyable>(
        of slot: UnsafeMutableRawBufferPointer, as: Pixel.Type
    ) -> UnsafeMutableBufferPointer<Pixel> {
        UnsafeMutableRawBufferPointer(rebasing: slot[..<slotBytes]).bindMemory(to: Pixel.self)
    }

    private func complete<Pixel: BitwiseCopyable>(
        _ pixels: UnsafeMutableBufferPointer<Pixel>, _ missing: [MissingPackets], _ missingValue: Pixel, _ maskedValue: Pixel
    ) {
        for stream in missing where table.streams.indices.contains(stream.port) {
            let way = table.streams[stream.port]
            for index in 0..<way.packetCount where stream.packets.contains(way.firstPacket + index) {
                PixelCopy.fill(table.runs(of: way, at: index), step: way.step, with: missingValue, in: pixels)
            }
        }
        for position in maskedPositions { pixels[position] = maskedValue }
    }

    private func sortStrips<Pixel: BitwiseCopyable>(
        _ pixels: UnsafeMutableBufferPointer<Pixel>, half: (Pixel) -> Pixel
    ) {
        guard let strips else { return }
        strips.apply(
            from: UnsafeBufferPointer(rebasing: pixels[format.pixels...]),
            to: UnsafeMutableBufferPointer(rebasing: pixels[..<format.pixels]), half: half)
    }
}
