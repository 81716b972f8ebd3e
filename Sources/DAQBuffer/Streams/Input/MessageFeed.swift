import DAQCore

/// Images whose pixels come with the messages that describe them.
final class MessageFeed: ImageFeed {
    private let socket: ZMQSocket
    private var message = ReceivedMessage(limit: BsreadDecoder.maximumParts)
    private var payload = StreamPayload()
    private var decoder: any ImageMessageDecoder
    private(set) var wasEmpty = false
    /// Bytes of messages that may wait to be taken.
    private static let queueBytes = 512 << 20

    /// Connects.
    init(_ source: SourceConfiguration, _ decoder: any ImageMessageDecoder, format: ImageFormat?) throws(ZMQError) {
        var options = ZMQSocketOptions()
        // What is larger than an image should be seen and refused with a reason, but not without a limit.
        let largest = format.map { max(4 * $0.bytes, 64 << 20) } ?? 128 << 20
        options.largestMessage = largest
        options.receiveLimit = max(2, Self.queueBytes / largest / source.connections)
        // A sender that vanished without a word is noticed and connected to again.
        options.keepAlive = 5
        let context = try ZMQContext(ioThreads: source.connections)
        let socket = try ZMQSocket(source.pattern == .pull ? .pull : .subscribe, in: context, options: options)
        for _ in 0..<source.connections { try socket.connect(source.address) }
        self.socket = socket
        self.decoder = decoder
    }

    func next(milliseconds: Int) throws(ZMQError) -> Result<StreamedImage, StreamRefusal>? {
        wasEmpty = try !message.receive(from: socket)
        if wasEmpty {
            guard try socket.waitForMessage(milliseconds: milliseconds), try message.receive(from: socket) else { return nil }
        }
        return Result { () throws(StreamRefusal) in try decoder.decode(message.parts) }
    }

    func prepare(for image: StreamedImage) throws(StreamRefusal) {
        try StreamPayload.check(message.parts[image.payloadPart], of: image)
    }

    var isThere: Bool { true }

    func read(_ image: StreamedImage, into slot: UnsafeMutableRawBufferPointer) throws(StreamRefusal) {
        try payload.read(message.parts[image.payloadPart], of: image, into: slot)
    }
}
