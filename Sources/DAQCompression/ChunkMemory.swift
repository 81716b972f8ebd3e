#if Compression
    // Sendable: the bytes belong to whoever took it, and are constant while the lease of a packed image exists.
    /// Memory for one chunk, on its way from the free ones to a thread that packs, to the taker and back.
    final class ChunkMemory: @unchecked Sendable {
        let bytes: UnsafeMutableRawBufferPointer

        init(byteCount: Int) {
            bytes = .allocate(byteCount: byteCount, alignment: 4096)
            // Touched now, so that no image waits for pages.
            bytes.initializeMemory(as: UInt8.self, repeating: 0)
        }

        deinit { bytes.deallocate() }
    }
#endif
