// Packets outside the window: they are held until it is decided whether a counter has jumped, then sorted in or given up.
extension PortGroup {
    mutating func hold(
        _ header: PacketHeader, _ datagram: UnsafeRawBufferPointer, on port: Int, direction: CounterJump.Direction,
        at time: UInt64
    ) {
        guard let id = imageID.id(in: header) else {
            counters.malformed[MalformedReason.bunchID.rawValue] += 1
            return
        }
        // The jump may have been accepted on behalf of another port.
        if followIfDecided(port, isOverdue: false) {
            sortAgain(header, datagram, on: port, at: time)
            return
        }
        switch ports[port].jump.judge(frame: header.frameNumber, direction: direction) {
        case .reject:
            giveUp(1, direction)
            return
        case .replace: giveUpHeld(port)
        case .hold: break
        }
        ports[port].held.append(datagram)
        counters.held += 1
        let mayBeLate = ports[port].reassembler.isJustBehind(header.frameNumber)
        ports[port].jump.hold(frame: header.frameNumber, image: id, direction: direction, mayBeLate: mayBeLate, at: time)
        _ = followIfDecided(port, isOverdue: false)
    }

    /// Sorts in what a port holds, if the jump it speaks of is accepted; when the count is another one, the port begins anew.
    ///
    /// - Returns: whether it was.
    mutating func followIfDecided(_ port: Int, isOverdue: Bool) -> Bool {
        let jump = ports[port].jump
        guard jump.held > 0, !isSortingHeld else { return false }
        let board = board
        let index = ports[port].index
        switch board.with({ $0.decideJump(of: index, jump, isOverdue: isOverdue) }) {
        case .wait: return false
        case .sortIn: break
        case .beginAnew: ports[port].reassembler.reset { Self.close($0, of: index, on: board) }
        }
        sortHeld(port)
        return true
    }

    private mutating func sortHeld(_ port: Int) {
        let packets = ports[port].held
        // Sorting may hold packets again, so the port gets other room first.
        ports[port].held = spare
        let lowest = ports[port].jump.lowestFrame
        let time = ports[port].jump.since
        ports[port].jump.clear()
        if ports[port].reassembler.low == nil { ports[port].reassembler.startWindow(at: lowest, ifReaching: lowest) }
        counters.held -= UInt64(packets.count)
        isSortingHeld = true
        for index in 0..<packets.count {
            // They were readable when they were held.
            if case .packet(let header) = ports[port].format.read(packets[index]) {
                sortAgain(header, packets[index], on: port, at: time)
            }
        }
        isSortingHeld = false
        packets.removeAll()
        spare = packets
    }

    mutating func giveUpHeld(_ port: Int) {
        giveUp(UInt64(ports[port].held.count), ports[port].jump.direction)
        counters.held -= UInt64(ports[port].held.count)
        ports[port].held.removeAll()
        ports[port].jump.clear()
        board.with { $0.withdraw(ports[port].index) }
    }

    private mutating func giveUp(_ packets: UInt64, _ direction: CounterJump.Direction) {
        switch direction {
        case .below: counters.late += packets
        case .ahead: counters.unconfirmedJump += packets
        }
    }
}
