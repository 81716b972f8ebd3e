#if Compression
    /// How a chunk is divided: full blocks, one shorter block, and up to seven elements that are not packed.
    struct BlockPlan: Equatable {
        /// Number of full blocks.
        let fullBlocks: Int
        /// Bytes of a full block.
        let blockBytes: Int
        /// Bytes of the shorter block after them; 0 for none.
        let lastBlockBytes: Int
        /// Bytes that follow as they are.
        let verbatimBytes: Int

        /// The division of `bytes`, of which those after the last whole element are ignored.
        init(bytes: Int, elementBytes: Int, blockElements: Int) {
            let elements = bytes / elementBytes
            fullBlocks = elements / blockElements
            blockBytes = blockElements * elementBytes
            let rest = elements % blockElements
            lastBlockBytes = rest / 8 * 8 * elementBytes
            verbatimBytes = rest % 8 * elementBytes
        }

        /// Bytes of the longest block.
        var longestBlock: Int { fullBlocks > 0 ? blockBytes : lastBlockBytes }
        /// Number of blocks.
        var blocks: Int { fullBlocks + (lastBlockBytes > 0 ? 1 : 0) }
        /// Where a block lies in the pixels.
        func range(ofBlock index: Int) -> Range<Int> {
            let start = index * blockBytes
            return start..<start + (index < fullBlocks ? blockBytes : lastBlockBytes)
        }
    }
#endif
