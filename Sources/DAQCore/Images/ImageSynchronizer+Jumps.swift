// Whether ids may follow what has been seen, and who is believed when a counter jumps.
extension ImageSynchronizer {
    /// Whether an image id may follow what has been seen, so that one packet is enough to believe it.
    func isPlausible(_ id: UInt64, in segment: UInt32) -> Bool {
        guard let current = self.segment, segment == current || segment + 1 == current else { return false }
        let head = segment == current ? head : previousHead
        return id <= head.saturatingSum(reach) && head <= id.saturatingSum(maxGap)
    }

    /// Whether all images of a segment are decided, because a later one has been: what its ports still bring is of no use.
    func isOver(_ segment: UInt32) -> Bool { decided.map { $0.segment > segment } ?? false }

    /// Decides whether a port may follow the jump that its held packets speak of, and whether the detector has jumped.
    ///
    /// A port may follow a jump that was already accepted. A new one is accepted when more than half of the ports that are
    /// there believe in it. Fewer are believed only when the time-out has shown that no other port goes on as before: one
    /// module that was rebooted must not take the others' images with it.
    ///
    /// - Parameter isOverdue: whether the port has held the packets for the time-out.
    mutating func decideJump(of port: Int, _ jump: CounterJump, isOverdue: Bool) -> JumpVerdict {
        guard let segment else { return jump.votes || isOverdue ? accept(jump, of: port) : .wait }
        let isNear = isPlausible(jump.lowestImage, in: segment)
        if isNear, (ports[port].segment ?? segment) == segment, jump.direction == .ahead, idsAreFrameNumbers || jump.votes {
            return follow(port)
        }
        guard jump.votes else { return .wait }
        if isNear, ports[port].segment != segment, isStillOpen(jump.lowestImage, in: segment) { return follow(port) }
        // Where ids are not frame numbers, one module that was rebooted counts frames anew while its ids go on as all others'.
        if isNear, !idsAreFrameNumbers, jump.direction == .below, ports[port].newest.map({ jump.lowestImage > $0 }) ?? true {
            ports[port].vote = nil
            return .beginAnew
        }
        ports[port].vote = jump.lowestImage
        guard isAgreed(jump) || (isOverdue && !isContradicted(jump, by: port)) else { return .wait }
        return accept(jump, of: port)
    }

    /// Whether packets that begin with an id can still become images of the current segment.
    ///
    /// A port that missed a restart and speaks at the next one must not follow the first: all it brings would be late there, and
    /// late frames are no evidence of the second.
    private func isStillOpen(_ id: UInt64, in segment: UInt32) -> Bool {
        let earliest = decided.flatMap { $0.segment == segment ? $0.id : nil } ?? segmentStart
        return earliest <= id.saturatingSum(reach)
    }

    /// A port does not believe in a jump any more.
    mutating func withdraw(_ port: Int) { ports[port].vote = nil }

    /// Whether more than half of the ports that have been heard and did not fall silent believe in a jump.
    private func isAgreed(_ jump: CounterJump) -> Bool {
        let believers = ports.indices.filter { believes($0, in: jump) }.count
        let others = ports.indices.filter { !believes($0, in: jump) && ports[$0].acceptedAt > 0 && !silent.contains($0) }.count
        return believers > others
    }

    /// Whether another port went on as before, or at least did so shortly before: ports are never quite in step.
    private func isContradicted(_ jump: CounterJump, by port: Int) -> Bool {
        ports.indices.contains {
            $0 != port && !believes($0, in: jump) && ports[$0].acceptedAt > 0
                && ports[$0].acceptedAt.saturatingSum(timeout) > jump.since
        }
    }

    private func believes(_ port: Int, in jump: CounterJump) -> Bool {
        guard let vote = ports[port].vote else { return false }
        return max(vote, jump.lowestImage) - min(vote, jump.lowestImage) <= reach
    }

    private mutating func accept(_ jump: CounterJump, of port: Int) -> JumpVerdict {
        let id = jump.lowestImage
        if segment != nil, id > head, id - head <= maxGap {
            head = id
        } else {
            segment = segment.map { $0 + 1 } ?? 0
            previousHead = head
            (segmentStart, head) = (id, id)
            ledger.segments += 1
        }
        // Believers follow with their next packet; whoever believes in something else says so again.
        for port in ports.indices { ports[port].vote = nil }
        return follow(port)
    }

    private mutating func follow(_ port: Int) -> JumpVerdict {
        ports[port].vote = nil
        guard ports[port].segment != segment else { return .sortIn }
        ports[port].segment = segment
        ports[port].passed = nil
        ports[port].newest = nil
        return .beginAnew
    }
}
