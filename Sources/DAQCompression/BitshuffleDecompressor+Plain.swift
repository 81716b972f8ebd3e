#if Compression
    import CDAQKernels

    extension BitshuffleDecompressor {
        /// Puts the bits of pixels back that were shuffled and not packed: parameter 0 of filter 32008, or none.
        ///
        /// - Parameters:
        ///   - chunk: any bytes.
        ///   - elementBytes: bytes of a pixel: 1, 2, 4 or 8.
        ///   - blockElements: pixels that were shuffled together, a multiple of 8; 0 for the automatic size.
        ///   - pixels: exactly as long as the pixels must be.
        public static func unshuffle(
            _ chunk: RawSpan, elementBytes: Int, blockElements: Int, into pixels: UnsafeMutableRawBufferPointer
        ) throws(ChunkError) {
            guard chunk.byteCount == pixels.count else {
                throw .pixelBytes(UInt64(chunk.byteCount), expected: pixels.count)
            }
            guard [1, 2, 4, 8].contains(elementBytes), chunk.byteCount % elementBytes == 0 else {
                throw .notWholeElements(bytes: chunk.byteCount, elementBytes: elementBytes)
            }
            guard (0...Int(UInt32.max)).contains(blockElements), blockElements % 8 == 0 else {
                throw .blockBytes(UInt32(clamping: blockElements), elementBytes: elementBytes)
            }
            let elements = blockElements == 0 ? BitshuffleFilter.automaticBlockElements(elementBytes) : blockElements
            let plan = BlockPlan(bytes: chunk.byteCount, elementBytes: elementBytes, blockElements: elements)
            chunk.withUnsafeBytes { chunk in
                for range in (0..<plan.blocks).map(plan.range) {
                    let (rows, place) = (chunk[range], pixels[range])
                    cdaq_bitunshuffle(
                        UnsafeRawBufferPointer(rebasing: rows).baseAddress, range.count / elementBytes, elementBytes,
                        UnsafeMutableRawBufferPointer(rebasing: place).baseAddress)
                }
                let verbatim = (chunk.count - plan.verbatimBytes)...
                UnsafeMutableRawBufferPointer(rebasing: pixels[verbatim]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: chunk[verbatim]))
            }
        }
    }
#endif
