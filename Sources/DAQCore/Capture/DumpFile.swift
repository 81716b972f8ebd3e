/// Reads the datagrams that one UDP port received from a std-daq dump, one after the other.
///
/// Format: for every datagram its length as a little-endian u64, then its bytes; the file is called `<port>.dat`. One thread at a
/// time may use a reader.
public final class DumpFile {
    /// Whether the file ends inside a record; that record is left out.
    public private(set) var isTruncated = false
    private let file: SequentialFile

    /// Opens a dump.
    public init(path: String) throws(CaptureError) {
        file = try SequentialFile(path: path, bufferBytes: 128 << 10)
    }

    /// The next datagram without stepping over it; its bytes are valid until the next call of any method.
    ///
    /// - Returns: `nil` at the end of the file.
    /// - Throws: when the file cannot be read, or a length shows that it is damaged.
    public func peek() throws(CaptureError) -> UnsafeRawBufferPointer? {
        guard let prefix = try file.peek(8) else {
            isTruncated = isTruncated || file.buffered > 0
            return nil
        }
        let length = UInt64(littleEndian: prefix.bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self))
        guard length <= UInt64(PcapWriter.maximumDatagramBytes) else {
            throw CaptureError(
                .recordLength, path: file.path,
                "the record at byte \(file.offset) claims \(length) bytes, a datagram has at most"
                    + " \(PcapWriter.maximumDatagramBytes); the file is no dump or is damaged from there on")
        }
        guard let record = try file.peek(8 + Int(length)) else {
            isTruncated = true
            return nil
        }
        return UnsafeRawBufferPointer(rebasing: record[8...])
    }

    /// The next datagram; its bytes are valid until the next call.
    ///
    /// - Returns: `nil` at the end of the file.
    public func next() throws(CaptureError) -> UnsafeRawBufferPointer? {
        guard let datagram = try peek() else { return nil }
        file.consume(8 + datagram.count)
        return datagram
    }
}
