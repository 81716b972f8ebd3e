internal import DAQCore

/// Cuts a pcap file into images, keeping the order of its datagrams: an image begins where a new highest frame number shows up.
final class PcapImages: RecordedImages {
    private let file: PcapFile
    private let channels: [Int: Int]
    private var newest: UInt64?
    /// The datagram that was read and belongs to the image after this one.
    private var pending: (channel: Int, time: UInt64, bytes: [UInt8])?
    let keepsOrder = true

    init(path: String, channels: [Int: Int]) throws(CaptureError) {
        file = try PcapFile(path: path)
        self.channels = channels
    }

    func next(into image: RecordedImage) throws(CaptureError) -> Bool {
        if let pending {
            pending.bytes.withUnsafeBytes { add($0, channel: pending.channel, time: pending.time, to: image) }
            self.pending = nil
        }
        while !image.isFull, let datagram = try file.next() {
            guard let channel = channels[Int(datagram.destinationPort)] else { continue }
            if let header = ReplayHeader(datagram.bytes), beginsImage(header.frame), !image.isEmpty {
                pending = (channel, datagram.time, Array(datagram.bytes))
                return true
            }
            add(datagram.bytes, channel: channel, time: datagram.time, to: image)
        }
        return !image.isEmpty
    }

    private func beginsImage(_ frame: UInt64) -> Bool {
        guard let newest else {
            newest = frame
            return true
        }
        guard frame > newest || newest - frame > ReplayHeader.restartDistance else { return false }
        self.newest = frame
        return true
    }

    private func add(_ datagram: UnsafeRawBufferPointer, channel: Int, time: UInt64, to image: RecordedImage) {
        if image.timestamp == 0, let header = ReplayHeader(datagram) { image.timestamp = header.timestamp }
        if image.captureTime == 0 { image.captureTime = time }
        image.append(channel: channel, datagram)
    }
}
