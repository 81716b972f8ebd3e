internal import DAQCore

/// The datagrams of one image of a capture, copied so that they can be sent in any order.
///
/// Reused from image to image.
final class RecordedImage {
    /// One datagram.
    struct Piece {
        var channel: Int
        var offset: Int
        var length: Int
    }

    /// An image that grows beyond this is sent in parts.
    static let byteLimit = 512 << 20

    private(set) var pieces: [Piece] = []
    private(set) var longest = 0
    /// Detector time of the image in ticks of 100 ns, 0 if its headers say none.
    var timestamp: UInt64 = 0
    /// Capture time in nanoseconds, 0 if unknown.
    var captureTime: UInt64 = 0
    private var bytes: [UInt8] = []

    var isEmpty: Bool { pieces.isEmpty }
    var isFull: Bool { bytes.count >= Self.byteLimit }
    var byteCount: Int { bytes.count }

    func removeAll() {
        pieces.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        longest = 0
        timestamp = 0
        captureTime = 0
    }

    func append(channel: Int, _ datagram: UnsafeRawBufferPointer) {
        pieces.append(Piece(channel: channel, offset: bytes.count, length: datagram.count))
        bytes.append(contentsOf: datagram)
        longest = max(longest, datagram.count)
    }

    /// Writes a datagram to a place that is long enough, and returns its length.
    func write(_ index: Int, to place: UnsafeMutableRawBufferPointer) -> Int {
        let piece = pieces[index]
        bytes.withUnsafeBytes {
            place.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[piece.offset..<piece.offset + piece.length]))
        }
        return piece.length
    }
}

/// The fields of a standard header that a replay goes by; nothing in them is trusted to be true.
struct ReplayHeader {
    let frame: UInt64
    let timestamp: UInt64

    /// - Returns: `nil` for datagrams that are too short to have a header.
    init?(_ datagram: UnsafeRawBufferPointer) {
        guard datagram.count >= 48 else { return nil }
        frame = UInt64(littleEndian: datagram.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        timestamp = UInt64(littleEndian: datagram.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
    }

    /// Whether a datagram looks like a detector's: a known header version and detector type.
    static func isPlausible(_ datagram: UnsafeRawBufferPointer) -> Bool {
        datagram.count >= 48 && (1...2).contains(datagram[47]) && (1...8).contains(datagram[46])
    }

    /// How far a frame number may fall behind before it means that the counter has started again.
    static let restartDistance: UInt64 = 64
}

/// Where a replay takes its images from.
protocol RecordedImages: AnyObject {
    /// Fills an empty image with the next one.
    ///
    /// - Returns: whether there was one.
    func next(into image: RecordedImage) throws(CaptureError) -> Bool
    /// Whether datagrams keep the order of the recording; otherwise ports take turns.
    var keepsOrder: Bool { get }
}
