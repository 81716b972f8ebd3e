import DAQCore

/// The connections to the other end, whichever of both listens; used by one thread at a time.
///
/// A connection has a number, and gets another one when it was broken: whoever sends knows what was lost with it.
protocol ForwardLink: AnyObject, Sendable {
    /// The connections that stand, oldest first.
    var channels: [Int] { get }

    /// The pixels of the last message that had some are in there.
    var frames: LinkFrames { get }

    /// Waits until something has come.
    ///
    /// - Parameters:
    ///   - room: whether to wait for room to send as well.
    ///   - wake: a descriptor that ends the wait.
    func wait(milliseconds: Int, room: Bool, wake: Int32) throws(ZMQError)

    /// What has happened, one thing at a time; `nil` when nothing has.
    func nextEvent() throws(ZMQError) -> LinkEvent?

    /// Sends a message without pixels; never waits.
    func send(_ bytes: [UInt8], over channel: Int) throws(ZMQError) -> LinkOutcome

    /// Sends a message with pixels, from where they lie; never waits.
    func send(_ bytes: [UInt8], pixelsOf image: Image, range: Range<Int>, over channel: Int) throws(ZMQError) -> LinkOutcome

    /// Finds out which connections are gone.
    func probe() throws(ZMQError)
}

/// Something that happened to the connections.
enum LinkEvent: Equatable {
    case opened(Int)
    case closed(Int)
    /// A message has come.
    case message(channel: Int, [UInt8], hasPixels: Bool)
    /// Somebody sent something that cannot be a message.
    case nonsense
    /// A connection was refused, by this end or the other.
    case refused(String)
}

/// What became of a message.
enum LinkOutcome: Equatable {
    case sent
    /// There is no room for it now.
    case full
    /// The connection is gone.
    case gone
}
