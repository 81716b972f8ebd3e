/// Counts whole images among the packets of all ports, without any pixels.
struct ImageCounter: ~Copyable {
    private var ports: FixedArray<FrameCounter>
    /// How long ports are waited for that were not heard yet.
    private let timeout: UInt64
    /// When the first port began to count.
    private var firstStart: UInt64?

    /// A counter for the placed streams of a detector, whose formats are `formats`.
    init(_ configuration: DetectorConfiguration, formats: [StandardPacketFormat]) {
        timeout = configuration.syncTimeout
        let step = configuration.imageID == .frameNumber ? configuration.imageIDStep : 1
        ports = FixedArray(count: formats.count) {
            FrameCounter(packetsPerFrame: formats[$0].packets.count, window: configuration.receive.window, step: step)
        }
    }

    /// Takes the header of a packet that arrived on a port.
    mutating func add(_ header: PacketHeader, on port: Int, at time: UInt64) {
        ports[port].add(header)
        if firstStart == nil, ports[port].hasStarted { firstStart = time }
    }

    /// Frames that are over on every port; a port that was not heard within the time-out is not waited for.
    func images(at time: UInt64) -> Int {
        guard let firstStart else { return 0 }
        let waits = time < firstStart.saturatingSum(timeout)
        return ports.indices.filter { waits || ports[$0].hasStarted }.map { ports[$0].framesOver }.min() ?? 0
    }
}
