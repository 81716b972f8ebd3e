#if Compression
    public import DAQCore

    /// An image whose pixels are packed: its metadata, and a hold on the chunk.
    public struct PackedImage: Sendable {
        /// What is known about the image.
        public let metadata: ImageMetadata
        /// Shape and type of the pixels before they were packed.
        public let format: ImageFormat
        /// Keeps the chunk's memory from being reused.
        public let lease: ImageLease

        /// Length of the chunk.
        public var byteCount: Int { lease.bytes.count }

        /// Lends the chunk for the time of `body`.
        public func withBytes<Result, Failure: Error>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result {
            // The bytes are the lease's as long as it exists, and not longer.
            defer { withExtendedLifetime(lease) {} }
            let bytes = lease.bytes
            return try body(bytes.bytes)
        }
    }
#endif
