import DAQCore

/// How much of a stream may be on its way, so that slow clients cost a known amount of memory and no image of others.
struct StreamLimits: Equatable {
    /// Messages that may wait for one client; with more it misses some.
    let queue: Int
    /// Buffers with copies of pixels.
    let buffers: Int
    /// Slots of the ring that messages may hold at a time, with the pattern push; with more, pixels are copied.
    let slots = 2

    /// Clients that may stop reading before those who go on miss images.
    private static let stoppedClients = 8

    /// Limits for a format: about 16 MiB may wait for a client, but at least 2 images and no more than 100.
    init(_ format: ImageFormat) {
        queue = min(max((16 << 20) / max(format.bytes, 1), 2), 100)
        // ZeroMQ is writing one message besides those that wait.
        buffers = Self.stoppedClients * (queue + 1)
    }
}
