internal import DAQCore

extension DetectorSimulator {
    /// Sends images over UDP to the configured ports, on the calling thread, and returns when all are sent.
    ///
    /// - Parameters:
    ///   - images: how many; `nil` for as many as there is time until `stop` is set.
    ///   - destinations: hosts; a port is the configured one plus the host's shift.
    ///   - pace: `nil` for one image every `options.period`.
    ///   - waitsForReceivers: see ``PacketSender``.
    ///   - progress: called after every image.
    /// - Throws: when a socket cannot be opened. Errors of single packets are counted in the report.
    public func send(
        images: Int?, to destinations: [Destination], distribution: Distribution = .copies, pace: Pace? = nil,
        faults: FaultPlan = FaultPlan(), segmentation: Bool = true, waitsForReceivers: Bool = false, stop: StopFlag = StopFlag(),
        progress: (SenderStatistics) -> Void = { _ in }
    ) throws(SenderError) -> TransmissionReport {
        let sender = try PacketSender(
            ports: streams.map(\.udpPort), to: destinations, distribution: distribution, segmentation: segmentation,
            waitsForReceivers: waitsForReceivers, stop: stop)
        let transmitter = ImageTransmitter(
            sender, faults: faults, streamNumbers: streams.map(\.number), ports: configuration.streams.map(\.udpPort), stop: stop)
        let groups = ImageTransmitter.groups(packets: formats.map(\.packets), datagramBytes: datagramBytes)
        let started = Pacer.now()
        // A moment, so that the first image is not late already.
        let first = started + 1_000_000
        var index = 0
        while index < images ?? .max, !stop.isSet {
            let start: UInt64?
            let spread: UInt64
            switch pace ?? .period(options.period) {
            case .period(let period): (start, spread) = (first + UInt64(index) * period, period / 10 * 9)
            case .gentle: (start, spread) = (nil, Pace.gentleTime(bytes: packetsPerImage * datagramBytes))
            case .fullSpeed: (start, spread) = (nil, 0)
            }
            transmitter.transmit(groups, at: start, over: spread, capacity: datagramBytes) { position, packet, place in
                writeDatagram(image: index, streamAt: position, packet: packet, into: place)
                return datagramBytes
            }
            index += 1
            progress(sender.statistics)
        }
        transmitter.finish()
        return transmitter.report(started: started)
    }
}
