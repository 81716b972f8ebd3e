/// How datagrams are received (`receive.*`).
public struct ReceiveConfiguration: Sendable, Equatable {
    /// `receive.threads`: ports are dealt over so many threads.
    public var threads = 1
    /// `receive.batch`: datagrams taken by one call.
    public var batch = 64
    /// `receive.window`: how many consecutive frames of a port may be open at once (the reach of reordering).
    public var window = 4
    /// `receive.socket_buffer` in bytes, asked for each socket.
    public var socketBufferBytes = 64 << 20
    /// `receive.cpus`: processors to pin the receiving threads to, in turn; empty leaves it to the kernel.
    public var cpus: [Int] = []
    /// `receive.busy_poll` in microseconds: how long the kernel polls the network card when a socket is empty; 0 is off.
    public var busyPollMicroseconds = 0
    /// `receive.gro`: whether the kernel may hand over several datagrams of a sender as one, which are then taken apart here.
    public var joinsDatagrams = false

    /// The defaults.
    public init() {}
}
