internal import DAQCore

/// Merges the dumps of a folder: all ports give image n before any gives the next one.
final class DumpImages: RecordedImages {
    /// Position in the order of images: a counter that starts again begins a new segment.
    private struct Key: Comparable {
        var segment = 0
        var frame: UInt64 = 0

        static func < (left: Key, right: Key) -> Bool {
            left.segment == right.segment ? left.frame < right.frame : left.segment < right.segment
        }
    }

    private struct Port {
        let file: DumpFile
        let channel: Int
        var key = Key()
        var isOpen = true
    }

    private var ports: [Port] = []
    let keepsOrder = false

    init(_ folder: DumpFolder, channels: [Int: Int]) throws(CaptureError) {
        for port in folder.ports {
            guard let channel = channels[port] else { continue }
            ports.append(Port(file: try folder.file(port: port), channel: channel))
            try look(ports.count - 1)
        }
    }

    func next(into image: RecordedImage) throws(CaptureError) -> Bool {
        guard let key = ports.lazy.filter(\.isOpen).map(\.key).min() else { return false }
        for index in ports.indices {
            while ports[index].isOpen, ports[index].key <= key, !image.isFull {
                guard let datagram = try ports[index].file.next() else { break }
                if image.timestamp == 0, let header = ReplayHeader(datagram) { image.timestamp = header.timestamp }
                image.append(channel: ports[index].channel, datagram)
                try look(index)
            }
        }
        return !image.isEmpty
    }

    /// Finds out which image the next datagram of a port belongs to.
    private func look(_ index: Int) throws(CaptureError) {
        guard let datagram = try ports[index].file.peek() else {
            ports[index].isOpen = false
            return
        }
        guard let header = ReplayHeader(datagram) else { return }
        let last = ports[index].key
        if header.frame < last.frame, last.frame - header.frame > ReplayHeader.restartDistance {
            ports[index].key = Key(segment: last.segment + 1, frame: header.frame)
        } else {
            ports[index].key.frame = header.frame
        }
    }
}
