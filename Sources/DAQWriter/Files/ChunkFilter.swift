public import DAQCore

/// How the chunks of a dataset are compressed, as the file says it: a registered HDF5 filter and its parameters.
public struct ChunkFilter: Sendable, Hashable {
    /// Registered number of the filter.
    public var identifier: Int32
    /// The parameters as they are stored, complete.
    public var parameters: [UInt32]
    /// Name that is stored with it, for people.
    public var name: String

    /// A filter.
    public init(identifier: Int32, parameters: [UInt32], name: String) {
        self.identifier = identifier
        self.parameters = parameters
        self.name = name
    }

    /// Bitshuffle with LZ4 (32008), blocks of the automatic size.
    public static func bitshuffleLZ4(_ pixelType: PixelType) -> ChunkFilter {
        ChunkFilter(identifier: 32008, parameters: [0, 4, UInt32(pixelType.bytes), 0, 2], name: "bitshuffle, LZ4")
    }

    /// Bitshuffle with zstd (32008).
    public static func bitshuffleZstd(_ pixelType: PixelType, level: UInt32) -> ChunkFilter {
        ChunkFilter(identifier: 32008, parameters: [0, 4, UInt32(pixelType.bytes), 0, 3, level], name: "bitshuffle, zstd")
    }

    /// Plain zstd frames (32015).
    public static func zstd(level: UInt32) -> ChunkFilter {
        ChunkFilter(identifier: 32015, parameters: [level], name: "zstd")
    }
}
