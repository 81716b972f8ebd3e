/// A copy of the bytes of a message.
// Sendable: the memory is written by `init` only.
final class MessageBytes: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer

    init(_ source: ArraySlice<UInt8>) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 16)
        copy.copyBytes(from: source)
        bytes = UnsafeRawBufferPointer(copy)
    }

    deinit { bytes.deallocate() }
}
