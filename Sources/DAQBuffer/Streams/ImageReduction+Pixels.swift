import DAQCore

extension ImageReduction {
    /// Writes the reduced pixels.
    ///
    /// - Parameters:
    ///   - pixels: of an image of the format ``input``.
    ///   - place: at least as large as an image of the format ``output``.
    package func apply(to pixels: RawSpan, into place: UnsafeMutableRawBufferPointer) {
        precondition(pixels.byteCount >= input.bytes && place.count >= output.bytes, "an image or its place is too small")
        pixels.withUnsafeBytes { pixels in
            guard binning > 1 else { return cut(pixels, place) }
            switch input.pixelType {
            case .uint8: bin(pixels, place, UInt8.self, UInt32.self) { UInt8(truncatingIfNeeded: $0) }
            case .uint16: bin(pixels, place, UInt16.self, UInt32.self) { UInt16(truncatingIfNeeded: $0) }
            case .uint32: bin(pixels, place, UInt32.self, UInt32.self) { $0 }
            case .int16: bin(pixels, place, Int16.self, Int32.self) { Int16(truncatingIfNeeded: $0) }
            case .int32: bin(pixels, place, Int32.self, Int32.self) { Int32(bitPattern: $0) }
            case .float32: binFloats(pixels, place)
            }
        }
    }

    private func cut(_ pixels: UnsafeRawBufferPointer, _ place: UnsafeMutableRawBufferPointer) {
        let size = input.pixelType.bytes
        let rowBytes = region.width * size
        for row in 0..<region.height {
            let first = ((region.yStart + row) * input.width + region.xStart) * size
            let target = UnsafeMutableRawBufferPointer(rebasing: place[row * rowBytes..<(row + 1) * rowBytes])
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: pixels[first..<first + rowBytes]))
        }
    }

    private func bin<Pixel: FixedWidthInteger & BitwiseCopyable, Sum: FixedWidthInteger & BitwiseCopyable>(
        _ pixels: UnsafeRawBufferPointer, _ place: UnsafeMutableRawBufferPointer, _: Pixel.Type, _: Sum.Type,
        _ pixel: (UInt32) -> Pixel
    ) {
        let source = pixels.bindMemory(to: Pixel.self)
        let sums = place.bindMemory(to: Sum.self)
        // Two values say nothing, or one twice, or none: then the first comparison is never true.
        let void = voids.first.map(pixel) ?? 0
        let otherVoid = voids.last.map(pixel) ?? 0
        let hasVoids = !voids.isEmpty
        let missing = Sum.isSigned ? Sum.min : Sum.max
        let range = Sum.isSigned ? Int64(Sum.min) + 1...Int64(Sum.max) : 0...Int64(Sum.max) - 1
        let count = binning * binning
        for row in 0..<output.height {
            for column in 0..<output.width {
                var sum: Int64 = 0
                var valid = 0
                for line in 0..<binning {
                    let first =
                        (region.yStart + row * binning + line) * input.width + region.xStart + column * binning
                    for position in first..<first + binning {
                        let value = source[position]
                        if hasVoids, value == void || value == otherVoid { continue }
                        sum &+= Int64(value)
                        valid &+= 1
                    }
                }
                let index = row * output.width + column
                if 2 * valid < count {
                    sums[index] = missing
                } else {
                    let whole = valid == count ? sum : Int64((Double(sum) * Double(count) / Double(valid)).rounded())
                    sums[index] = Sum(truncatingIfNeeded: min(max(whole, range.lowerBound), range.upperBound))
                }
            }
        }
    }

    private func binFloats(_ pixels: UnsafeRawBufferPointer, _ place: UnsafeMutableRawBufferPointer) {
        let source = pixels.bindMemory(to: Float.self)
        let sums = place.bindMemory(to: Float.self)
        let (void, otherVoid) = (voids.first ?? Float.nan.bitPattern, voids.last ?? Float.nan.bitPattern)
        let count = binning * binning
        for row in 0..<output.height {
            for column in 0..<output.width {
                var sum: Float = 0
                var valid = 0
                for line in 0..<binning {
                    let first =
                        (region.yStart + row * binning + line) * input.width + region.xStart + column * binning
                    for position in first..<first + binning {
                        let value = source[position]
                        if value.isNaN || value.bitPattern == void || value.bitPattern == otherVoid { continue }
                        sum += value
                        valid &+= 1
                    }
                }
                sums[row * output.width + column] =
                    2 * valid < count ? .nan : valid == count ? sum : sum * Float(count) / Float(valid)
            }
        }
    }
}
