import CDAQKernels
import DAQCore

/// The loop of a ``ForwardedSource``: owns the sockets, puts parts into slots, and delivers images in order.
struct ReceivingEnd {
    /// The sender that is heard.
    private struct Stream {
        let id: UInt64
        let name: String
        let parts: ImageParts
        /// Connections on which it has introduced itself, the latest last.
        var channels: [Int] = []
        /// When it has said that nothing follows.
        var endedAt: UInt64?
        var hasEnded: Bool { endedAt != nil }
    }

    private let link: any ForwardLink
    private let buffer: any ImageBuffer
    private let capacity: Int
    private let isListening: Bool
    private let session = UInt64.random(in: 1 ... .max)
    private var reporting: ForwardReporting
    private var window: ReceiveWindow
    private var accounts = ForwardAccounts()
    /// What is missing since the last image; at most ``ForwardedSource/gapLimit`` gaps.
    private var missing: [ForwardGap] = []
    /// What the buffer has added to the segment of the last image.
    private var segmentShift: UInt32 = 0
    private var segments = SegmentCounter()
    private var stream: Stream?
    private var toldState: ForwardState?
    private var lastProbe: UInt64 = 0
    private static let probeInterval: UInt64 = 250_000_000
    private static let farewell: UInt64 = 2_000_000_000
    private static let eventsPerTurn = 1000
    private static let largestSequence: UInt64 = 1 << 62

    init(
        link: any ForwardLink, buffer: any ImageBuffer, capacity: Int, options: ForwardOptions, _ reporting: ForwardReporting
    ) {
        self.link = link
        self.buffer = buffer
        self.capacity = capacity
        self.reporting = reporting
        isListening = options.side == .listen
        window = ReceiveWindow(capacity: capacity, parts: 1, next: 0)
    }

    /// Runs until the owner stops it, or the sender ends if that is the end.
    mutating func run(_ owner: ForwardedSource, _ deliver: (Image) -> Void) throws {
        defer {
            leave(owner, deliver)
            for slot in window.takeSlots() { buffer.abandon(slot) }
        }
        while !owner.isStopping {
            claimSlots()
            // A slot that somebody gives back makes no noise.
            try link.wait(
                milliseconds: window.wantsSlot || stream?.hasEnded == true ? 2 : 50, room: false, wake: owner.wakeDescriptor)
            claimSlots()
            let time = Clock.monotonic()
            // A peer that never stops talking does not keep this thread from all else.
            for _ in 0..<Self.eventsPerTurn {
                guard !owner.isStopping, let event = try link.nextEvent() else { break }
                try handle(event, owner, deliver, at: time)
                deliverDue(owner, deliver, at: time)
                try tell()
            }
            try tell()
            if owner.hasOneSender, let ended = stream?.endedAt, try isAlone(since: ended, at: time) { return }
            if time >= lastProbe + Self.probeInterval {
                lastProbe = time
                try link.probe()
            }
        }
    }

    /// Whether the sender has heard that everything has arrived, and hung up; what was said last may be lost with a connection.
    private func isAlone(since end: UInt64, at time: UInt64) throws(ZMQError) -> Bool {
        if time >= end + Self.farewell { return true }
        try link.probe()
        return link.channels.isEmpty
    }

    private mutating func claimSlots() {
        // Whose images they will hold is not known yet; see ForwardError.layout.
        while window.wantsSlot, let slot = buffer.claim(for: 0, asksAgain: true) { window.give(slot) }
    }

    // MARK: Images

    private mutating func deliverDue(_ owner: ForwardedSource, _ deliver: (Image) -> Void, at time: UInt64) {
        var isFenced = false
        while let decision = window.nextDecision() {
            // Pixels may have been written past the cache.
            if !isFenced { cdaq_store_fence() }
            isFenced = true
            carryOut(decision, owner, deliver)
            if decision == .end, let name = stream?.name {
                stream?.endedAt = time
                owner.withState { [missing] in $0.missingAtEnd = missing }
                reporting(.ended(name), at: time)
            }
            claimSlots()
        }
    }

    private mutating func carryOut(_ decision: ReceiveWindow.Decision, _ owner: ForwardedSource, _ deliver: (Image) -> Void) {
        switch segments.renamed(decision) {
        case .publish(let slot, let metadata):
            let image = buffer.publish(slot, metadata)
            segmentShift = image.metadata.segment &- metadata.segment
            if !missing.isEmpty {
                missing = []
                owner.withState { $0.missingAtEnd = [] }
            }
            note(owner) { accounts, ledger in [accounts.publish(metadata, &ledger)] }
            deliver(image)
        case .missing(let gap):
            if missing.count < ForwardedSource.gapLimit { missing.append(gap.passedOn(segmentShift)) }
            note(owner) { accounts, ledger in [accounts.miss(gap, &ledger), gap] }
        case .end: break
        }
    }

    private mutating func note(_ owner: ForwardedSource, _ count: (inout ForwardAccounts, inout ImageLedger) -> [ForwardGap?]) {
        var accounts = accounts
        var ledger = owner.withState { $0.ledger }
        let gaps = count(&accounts, &ledger)
        self.accounts = accounts
        owner.withState { [ledger] state in
            state.ledger = ledger
            for case let gap? in gaps {
                if state.gaps.count == ForwardedSource.gapLimit { state.gaps.removeFirst() }
                state.gaps.append(gap)
            }
        }
    }

    /// The stream goes on no more: what is complete is delivered.
    private mutating func leave(_ owner: ForwardedSource, _ deliver: (Image) -> Void) {
        cdaq_store_fence()
        for decision in window.abandon() { carryOut(decision, owner, deliver) }
        stream = nil
        toldState = nil
    }

    // MARK: Messages

    private mutating func handle(
        _ event: LinkEvent, _ owner: ForwardedSource, _ deliver: (Image) -> Void, at time: UInt64
    ) throws(ZMQError) {
        switch event {
        case .opened(let channel):
            // An end that listens only knows of a connection when something comes over it.
            guard !isListening else { return }
            let state = ForwardState(session: session, next: 0, limit: 0)
            _ = try link.send(ForwardMessage.state(state).encoded(stream: 0), over: channel)
        case .closed(let channel):
            let wasLast = stream?.channels == [channel]
            stream?.channels.removeAll { $0 == channel }
            owner.withState { [stream] state in
                state.statistics.broken += 1
                state.statistics.connections = stream?.channels.count ?? 0
            }
            if wasLast, stream?.hasEnded == false { reporting(.disconnected, at: time) }
        case .refused(let reason):
            owner.withState { $0.statistics.refusedConnections += 1 }
            reporting(.refused(reason), at: time)
        case .nonsense:
            refuse(.malformed, owner)
        case .message(let channel, let bytes, let hasPixels):
            try handle(bytes, hasPixels: hasPixels, from: channel, owner, deliver, at: time)
        }
    }

    private mutating func handle(
        _ bytes: [UInt8], hasPixels: Bool, from channel: Int, _ owner: ForwardedSource, _ deliver: (Image) -> Void,
        at time: UInt64
    ) throws(ZMQError) {
        let (id, message): (UInt64, ForwardMessage)
        do {
            (id, message) = try ForwardMessage.decode(bytes)
        } catch {
            refuse(.init(error), owner)
            if case .version(let version) = error {
                let reason =
                    "the far end speaks version \(ForwardMessage.version) of the protocol, not \(version); update one of them"
                _ = try link.send(ForwardMessage.refusal(reason).encoded(stream: 0), over: channel)
            }
            return
        }
        // Without a stream, somebody only shows that a connection stands.
        guard id != 0 else { return }
        if case .hello(let hello) = message { return try handle(hello, of: id, from: channel, owner, deliver, at: time) }
        guard let stream, stream.id == id, stream.channels.contains(channel) else { return refuse(.foreignStream, owner) }
        let verdict: ReceiveWindow.Verdict
        switch message {
        case .part(let sequence, let index, let metadata):
            guard hasPixels else { return refuse(.malformed, owner) }
            return place(sequence, Int(index), metadata, of: stream, owner)
        case .gap(let sequence, let gap): verdict = window.take(sequence: sequence, gap)
        case .end(let sequence): verdict = window.takeEnd(sequence: sequence)
        case .beat:
            toldState = nil
            verdict = .noted
        case .hello, .state, .refusal: return refuse(.malformed, owner)
        }
        if verdict == .refused { refuse(.sequence, owner) }
    }

    private mutating func place(
        _ sequence: UInt64, _ part: Int, _ metadata: ImageMetadata?, of stream: Stream, _ owner: ForwardedSource
    ) {
        guard part < stream.parts.count else { return refuse(.sequence, owner) }
        let range = stream.parts.range(of: part)
        guard link.frames.pixels.count == range.count else { return refuse(.length, owner) }
        switch window.take(sequence: sequence, part: part, metadata) {
        case .place(let slot):
            let target = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes(of: slot)[range])
            link.frames.pixels.withBytes { bytes in
                bytes.withUnsafeBytes { source in
                    guard let from = source.baseAddress, let to = target.baseAddress else { return }
                    cdaq_copy_streaming(to, from, range.count)
                }
            }
            owner.withState { state in
                state.statistics.parts += 1
                state.statistics.bytes += UInt64(range.count)
            }
        case .duplicate: owner.withState { $0.statistics.duplicates += 1 }
        case .refused, .noted: refuse(.sequence, owner)
        }
    }

    private func refuse(_ refusal: ForwardStatistics.Refusal, _ owner: ForwardedSource) {
        owner.withState { $0.statistics.refused[refusal, default: 0] += 1 }
    }

    // MARK: The sender

    private mutating func handle(
        _ hello: ForwardHello, of id: UInt64, from channel: Int, _ owner: ForwardedSource, _ deliver: (Image) -> Void,
        at time: UInt64
    ) throws(ZMQError) {
        if let problem = try problem(of: hello, id, owner) {
            refuse(.hello, owner)
            reporting(.refused(problem), at: time)
            _ = try link.send(ForwardMessage.refusal(problem).encoded(stream: id), over: channel)
            return
        }
        // What lies before has gone to another far end.
        let isBehind = stream?.id == id && hello.base > window.next
        if stream?.id != id || isBehind, let parts = ImageParts(imageBytes: buffer.format.bytes, partBytes: Int(hello.partBytes))
        {
            let channels = isBehind ? stream?.channels ?? [] : []
            leave(owner, deliver)
            begin(Stream(id: id, name: hello.name, parts: parts, channels: channels), hello, owner)
            if !isBehind { owner.withState { $0.statistics.streams += 1 } }
        }
        if stream?.channels.isEmpty == true { reporting(.connected(to: hello.name), at: time) }
        if stream?.channels.contains(channel) == false { stream?.channels.append(channel) }
        owner.withState { [stream] in $0.statistics.connections = stream?.channels.count ?? 0 }
        toldState = nil
        try tell()
    }

    private mutating func begin(_ new: Stream, _ hello: ForwardHello, _ owner: ForwardedSource) {
        let slots = window.takeSlots()
        window = ReceiveWindow(capacity: capacity, parts: new.parts.count, next: hello.base)
        for slot in slots { window.give(slot) }
        accounts.begin(step: hello.step, maxGap: hello.maxGap)
        segments.begin(step: hello.step, maxGap: hello.maxGap)
        stream = new
    }

    /// Why a sender is not heard; `nil` when it is.
    private func problem(of hello: ForwardHello, _ id: UInt64, _ owner: ForwardedSource) throws(ZMQError) -> String? {
        let format = buffer.format
        guard hello.format == format else {
            return "\(hello.name) sends images of \(hello.format), the far end expects \(format); use the same configuration"
        }
        guard let partBytes = Int(exactly: hello.partBytes), ImageParts(imageBytes: format.bytes, partBytes: partBytes) != nil,
            hello.base > 0, hello.base < Self.largestSequence
        else { return "\(hello.name) describes parts that images of \(format.bytes) bytes cannot have" }
        guard let stream else { return nil }
        if stream.id == id { return nil }
        if stream.hasEnded, owner.hasOneSender { return "the far end has received all of \(stream.name), and ends" }
        try link.probe()
        let isAlive = stream.channels.contains { link.channels.contains($0) }
        return isAlive && !stream.hasEnded
            ? "the far end is busy with images of \(stream.name); one sender is heard at a time" : nil
    }

    /// Says how far this end is, when that is news.
    private mutating func tell() throws(ZMQError) {
        guard let stream else { return }
        let state = ForwardState(session: session, next: window.next, limit: window.limit)
        guard state != toldState else { return }
        let message = ForwardMessage.state(state).encoded(stream: stream.id)
        for channel in stream.channels.reversed() where try link.send(message, over: channel) == .sent {
            toldState = state
            return
        }
    }
}
