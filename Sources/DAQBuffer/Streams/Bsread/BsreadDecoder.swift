import DAQCore
import Glibc

/// Reads bsread messages (bsr_m-1.1, bsr_d-1.1): a main header, a data header, and two parts for each channel.
///
/// Source: the bsread package of PSI. The data header is read again when its bytes change, not when its hash does: a sender
/// whose hash stays the same over another header must not make pixels of it.
package struct BsreadDecoder: ImageMessageDecoder {
    /// More channels than this are refused.
    static let maximumChannels = 1024
    /// Parts of the longest message.
    static let maximumParts = 2 + 2 * maximumChannels

    /// The channel that holds the image; `nil` takes the first image.
    private let channel: String?
    private var dataHeader: [UInt8] = []
    private var layout: Layout?

    /// What the data header says.
    private struct Layout {
        var channels: Int
        /// The place of the image among the channels.
        var index: Int
        /// The image with what all messages have in common.
        var image: StreamedImage
    }

    /// A decoder.
    ///
    /// - Parameter channel: the channel that holds the image; `nil` takes the first one with two dimensions.
    package init(channel: String? = nil) { self.channel = channel }

    package mutating func decode(_ parts: [UnsafeRawBufferPointer]) throws(StreamRefusal) -> StreamedImage {
        guard parts.count >= 2 else { throw .parts(parts.count, expected: "2 headers at least") }
        let main = try JSONObject(header: parts[0])
        let kind = main.text("htype") ?? "a header without htype"
        guard kind.hasPrefix("bsr_m-1.") else { throw .stream(kind.debugDescription, expected: "bsr_m-1.1") }
        guard let pulse = main.unsigned("pulse_id") else { throw .header("no \"pulse_id\"") }
        let layout = try layout(from: parts[1], compressed: main.text("dh_compression"))
        guard parts.count == 2 + 2 * layout.channels else {
            throw .parts(parts.count, expected: "\(2 + 2 * layout.channels) parts for \(layout.channels) channels")
        }
        var image = layout.image
        let stamp = parts[image.payloadPart + 1]
        guard !parts[image.payloadPart].isEmpty else { throw .channel("no value for pulse \(pulse)") }
        image.id = pulse
        image.pulseID = pulse
        image.timestamp = Self.time(stamp, isBigEndian: image.isBigEndian) ?? Self.time(main.object("global_timestamp"))
        return image
    }

    private mutating func layout(
        from part: UnsafeRawBufferPointer, compressed encoding: String?
    ) throws(StreamRefusal) -> Layout {
        if let layout, dataHeader.withUnsafeBytes({ Self.areSame($0, part) }) {
            return layout
        }
        layout = nil
        guard part.count <= StreamedImage.longestHeader else { throw .header("a data header of \(part.count) bytes") }
        let read: Layout
        switch try StreamPayload.encoding(encoding ?? "none") {
        case .none: read = try self.read(JSONObject(header: part))
        case .bitshuffleLZ4:
            var payload = StreamPayload()
            read = try self.read(JSONObject(header: payload.text(part, longest: StreamedImage.longestHeader)))
        }
        layout = read
        dataHeader = Array(part)
        return read
    }

    private static func areSame(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard let some = left.baseAddress, let other = right.baseAddress else { return left.count == right.count }
        return left.count == right.count && memcmp(some, other, left.count) == 0
    }

    private func read(_ header: JSONObject) throws(StreamRefusal) -> Layout {
        let kind = header.text("htype") ?? "a header without htype"
        guard kind.hasPrefix("bsr_d-1.") else { throw .stream(kind.debugDescription, expected: "bsr_d-1.1") }
        guard let channels = header.objects("channels") else { throw .header("no \"channels\"") }
        guard channels.count <= Self.maximumChannels else { throw .header("\(channels.count) channels") }
        let wanted =
            if let channel {
                channels.firstIndex { $0.text("name") == channel }
            } else {
                channels.firstIndex { $0.integers("shape")?.count == 2 }
            }
        guard let wanted else {
            let names = channels.compactMap { $0.text("name")?.prefix(60) }.prefix(8).joined(separator: ", ")
            throw .channel("the channels \(names)\(channels.count > 8 ? " and others" : "")")
        }
        return Layout(channels: channels.count, index: wanted, image: try Self.image(channels[wanted], part: 2 + 2 * wanted))
    }

    private static func image(_ channel: JSONObject, part: Int) throws(StreamRefusal) -> StreamedImage {
        guard let shape = channel.has("shape") ? channel.integers("shape") : [1] else {
            throw .header("a \"shape\" that is no array of whole numbers")
        }
        guard shape.count == 2 else { throw .shape(shape) }
        // Unlike everywhere else, the fastest dimension is the first.
        let format = try StreamedImage.format(rows: shape[1], columns: shape[0], type: channel.text("type") ?? "float64")
        var image = StreamedImage(id: 0, format: format, payloadPart: part)
        image.isBigEndian = channel.text("encoding") == "big"
        image.encoding = try StreamPayload.encoding(channel.text("compression") ?? "none")
        return image
    }

    /// The time stamp of a channel; `nil` when it has none.
    private static func time(_ part: UnsafeRawBufferPointer, isBigEndian: Bool) -> UInt64? {
        guard part.count == 16 else { return nil }
        let seconds = part.loadUnaligned(as: UInt64.self)
        let nanoseconds = part.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        return isBigEndian
            ? StreamedImage.ticks(seconds: UInt64(bigEndian: seconds), nanoseconds: UInt64(bigEndian: nanoseconds))
            : StreamedImage.ticks(seconds: UInt64(littleEndian: seconds), nanoseconds: UInt64(littleEndian: nanoseconds))
    }

    private static func time(_ global: JSONObject?) -> UInt64 {
        guard let global, let seconds = global.unsigned("sec") ?? global.unsigned("epoch") else { return 0 }
        return StreamedImage.ticks(seconds: seconds, nanoseconds: global.unsigned("ns") ?? 0)
    }
}
