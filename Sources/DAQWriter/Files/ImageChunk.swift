/// The bytes of an image as they go into the file.
// Sendable: the bytes are only read, and their owner lends them to one call, which has ended before they change.
struct ImageChunk: @unchecked Sendable {
    /// The pixels, or what ``FileOptions/filter`` made of them.
    let bytes: UnsafeRawBufferPointer
    /// A bit for each filter that was not applied to these bytes.
    var filterMask: UInt32 = 0
}
