internal import CDAQLinux
internal import Glibc

/// Sends datagrams over UDP, many with one call.
///
/// Every port of every destination has a connected socket, so that a host that refuses is noticed. Datagrams of one port are
/// collected; runs of equal length leave as one message that the kernel cuts (UDP_SEGMENT), which takes a third of the time, and
/// where it cannot, as a batch (sendmmsg). One thread at a time may use a sender. A call blocks while the kernel's queue is full, for
/// at most two seconds, or a few hundredths of a second once the stop flag is set.
public final class PacketSender {
    /// Datagrams that are collected at most.
    public static let batchDatagrams = 64
    /// Bytes that a message to be cut may have: what fits into one UDP datagram.
    static let messageBytes = 65507
    private static let bufferBytes = 2 * 65536
    /// A default receive buffer (208 KiB) that holds no more than this has room for one more group of packets.
    private static let crowdedQueueBytes: Int64 = 64 << 10
    /// A receiver that does not read for so long is not waited for.
    private static let longestReceiverWait: UInt64 = 500_000_000
    /// How often a full queue is tried again, 200 µs apart or as long as the socket's own time limit.
    private static let patience = 100
    /// What the kernel says when it or the device cannot cut a message into such pieces.
    private static let uncut: Set<Int32> = [EINVAL, EIO, EMSGSIZE, EOPNOTSUPP, ENOPROTOOPT]

    /// What was done so far.
    public internal(set) var statistics = SenderStatistics()
    /// Whether the kernel is asked to cut messages; ends by itself when a device cannot.
    public private(set) var segmentation: Bool
    /// Asks the kernel about receivers, when the sender waits for them; -1 otherwise.
    private let diagnosis: Int32
    private let stop: StopFlag
    private let distribution: Distribution
    /// Sockets by destination and port.
    private var sockets: [[Int32]] = []
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferBytes, alignment: 64)
    private var used = 0
    private var lengths: [Int] = []
    private var channel = 0
    private var turn = 0
    private var messages: [cdaq_outgoing] = []

    /// Opens the sockets.
    ///
    /// - Parameters:
    ///   - ports: destination ports; packets name them by their position in this list.
    ///   - segmentation: whether the kernel may cut messages. Captures made on this host then hold the uncut messages.
    ///   - waitsForReceivers: whether a group of packets waits until the receiving socket, if it is on this host, has room for it.
    ///     No detector does that, and losses do not show any more; it is for demonstrations on a busy host with small buffers.
    ///   - stop: ends waiting for a full queue.
    public init(
        ports: [Int], to destinations: [Destination], distribution: Distribution = .copies, segmentation: Bool = true,
        waitsForReceivers: Bool = false, stop: StopFlag = StopFlag()
    ) throws(SenderError) {
        self.stop = stop
        self.distribution = distribution
        // Where the kernel has no such socket, packets are sent without asking.
        diagnosis = waitsForReceivers ? cdaq_open_diagnosis() : -1
        self.segmentation = segmentation
        lengths.reserveCapacity(Self.batchDatagrams)
        messages.reserveCapacity(Self.batchDatagrams)
        guard !destinations.isEmpty else {
            throw SenderError(.noDestination, "no destination to send to; give at least one host")
        }
        for destination in destinations {
            sockets.append([])
            for port in ports {
                sockets[sockets.count - 1].append(try Self.open(destination, port: port))
            }
        }
        if let first = sockets.first?.first, cdaq_can_segment(first) < 0 { self.segmentation = false }
    }

    deinit {
        for socket in sockets.joined() { close(socket) }
        if diagnosis >= 0 { close(diagnosis) }
        buffer.deallocate()
    }

    /// Marks the beginning of an image; what was collected is sent.
    public func beginImage() {
        flush()
        turn = statistics.images % sockets.count
        statistics.images += 1
    }

    /// Adds a datagram; it is sent when another port follows, the buffer is full, or at ``flush()``.
    ///
    /// - Parameter channel: position in the list of ports.
    public func append(channel: Int, _ datagram: UnsafeRawBufferPointer) {
        append(channel: channel, capacity: datagram.count) { place in
            place.copyMemory(from: datagram)
            return datagram.count
        }
    }

    /// Adds a datagram that is written in place.
    ///
    /// - Parameters:
    ///   - capacity: bytes that `fill` may write, at most 65,507.
    ///   - fill: writes the datagram and returns its length.
    func append(channel: Int, capacity: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) {
        precondition(capacity <= Self.messageBytes, "a datagram has at most \(Self.messageBytes) bytes")
        if channel != self.channel || lengths.count == Self.batchDatagrams || used + capacity > buffer.count { flush() }
        self.channel = channel
        let length = fill(UnsafeMutableRawBufferPointer(rebasing: buffer[used..<used + capacity]))
        precondition(length <= capacity, "a datagram was longer than was said")
        lengths.append(length)
        used += length
    }

    /// Sends what was collected.
    public func flush() {
        guard !lengths.isEmpty else { return }
        for (index, sockets) in sockets.enumerated() where distribution == .copies || index == turn {
            if diagnosis >= 0 { waitForReceiver(of: sockets[channel]) }
            send(on: sockets[channel])
        }
        lengths.removeAll(keepingCapacity: true)
        used = 0
    }

    private func waitForReceiver(of socket: Int32) {
        let limit = Pacer.now() + Self.longestReceiverWait
        var hasWaited = false
        while !stop.isSet, cdaq_receive_queue(diagnosis, socket) > Self.crowdedQueueBytes, Pacer.now() < limit {
            hasWaited = true
            usleep(50)
        }
        if hasWaited { statistics.receiverWaits += 1 }
    }

    private func send(on socket: Int32) {
        var datagram = 0
        var attempts = 0
        while datagram < lengths.count {
            prepareMessages(from: datagram)
            let sent = messages.withUnsafeBufferPointer { cdaq_send_batch(socket, $0.baseAddress, UInt32($0.count)) }
            if sent > 0 {
                statistics.calls += 1
                for message in messages[..<Int(sent)] { datagram += noteSent(message) }
                attempts = 0
                continue
            }
            attempts += 1
            let error = -sent
            switch error {
            case EINTR: break
            case ECONNREFUSED where attempts < 3:
                // The refusal of an earlier packet; this one was not sent yet.
                statistics.refused += 1
            case EAGAIN, ENOBUFS:
                statistics.waits += 1
                if stop.isSet {
                    statistics.failed += lengths.count - datagram
                    statistics.lastError = error
                    return
                }
                if attempts >= Self.patience {
                    datagram += noteFailed(error)
                    attempts = 0
                } else if error == ENOBUFS {
                    usleep(200)
                }
            case _ where messages[0].segment != 0 && Self.uncut.contains(error):
                // The device cannot cut messages, or not into pieces this long; single datagrams show what is really wrong.
                segmentation = false
                attempts = 0
            default:
                datagram += noteFailed(error)
                attempts = 0
            }
        }
    }

    /// Arranges the collected datagrams, from one on, as messages.
    private func prepareMessages(from first: Int) {
        messages.removeAll(keepingCapacity: true)
        var offset = lengths[..<first].reduce(0, +)
        var index = first
        while index < lengths.count {
            let length = lengths[index]
            var count = 1
            if segmentation, length > 0 {
                let most = min(Self.batchDatagrams, Self.messageBytes / length)
                while count < most, index + count < lengths.count, lengths[index + count] == length { count += 1 }
            }
            messages.append(
                cdaq_outgoing(
                    base: buffer.baseAddress.map { UnsafeRawPointer($0 + offset) }, length: UInt32(length * count),
                    segment: count > 1 ? UInt32(length) : 0))
            offset += length * count
            index += count
        }
    }

    private func noteSent(_ message: cdaq_outgoing) -> Int {
        let count = message.segment == 0 ? 1 : Int(message.length / message.segment)
        statistics.packets += count
        statistics.bytes += Int(message.length)
        if message.segment != 0 { statistics.segmented += count }
        return count
    }

    private func noteFailed(_ error: Int32) -> Int {
        let message = messages[0]
        let count = message.segment == 0 ? 1 : Int(message.length / message.segment)
        statistics.failed += count
        statistics.lastError = error
        return count
    }

    private static func open(_ destination: Destination, port: Int) throws(SenderError) -> Int32 {
        let shifted = port + destination.portShift
        guard let number = UInt16(exactly: shifted), number > 0 else {
            throw SenderError(.port, "port \(shifted) is outside 1 to 65535; choose another base port")
        }
        let address = try resolve(destination.host)
        let interface = try destination.multicastInterface.map { host throws(SenderError) in try resolve(host) } ?? 0
        let socket = cdaq_open_sender(address, number, Int32(clamping: destination.multicastTTL), interface)
        guard socket >= 0 else {
            throw SenderError(
                .socket, "cannot open a socket to \(destination.host):\(number): \(String(cString: strerror(-socket)))")
        }
        return socket
    }

    private static func resolve(_ host: String) throws(SenderError) -> UInt32 {
        var address: UInt32 = 0
        let failure = cdaq_resolve_ipv4(host, &address)
        guard failure == 0 else {
            throw SenderError(.unknownHost, "\(host) has no IPv4 address: \(String(cString: gai_strerror(failure)))")
        }
        return address
    }
}
