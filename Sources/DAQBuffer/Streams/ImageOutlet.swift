import DAQCore

/// One socket of a stream with what goes out by it; used by one thread.
protocol ImageOutlet: AnyObject {
    /// The address it listens at.
    var address: String { get }
    /// Subscriptions of clients.
    var subscriptions: Int { get }
    /// Bytes that were sent: of pixels, or of metadata.
    var bytes: UInt64 { get }
    /// Messages of clients that made no sense.
    var malformed: UInt64 { get }

    /// Hears what clients say; whether there is nobody to send to.
    func isUnheard(at now: UInt64) throws(ZMQError) -> Bool
    /// Sends an image, without waiting for anybody.
    func send(_ image: Image, at now: UInt64) throws(ZMQError) -> SinkOutcome
    /// Tells that no more images follow.
    func end() throws(ZMQError)
}
