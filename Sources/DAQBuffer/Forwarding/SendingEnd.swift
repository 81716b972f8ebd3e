import DAQCore

/// The thread of a ``Forwarder``: owns the sockets, sends what the window says, and takes confirmations.
struct SendingEnd {
    private let link: any ForwardLink
    private let parts: ImageParts
    private let farewell: UInt64
    private let address: String
    private let stream = UInt64.random(in: 1 ... .max)
    private var hello: ForwardHello
    private var reporting: ForwardReporting
    /// Connections on which the far end has said how far it is.
    private var ready: [Int] = []
    /// Connections of far ends after which another has come.
    private var former: Set<Int> = []
    private var turn = 0
    private var lastBeat: UInt64 = 0
    private var lastProgress: UInt64 = 0
    private var isBlocked = false
    private static let beatInterval: UInt64 = 250_000_000
    private static let eventsPerTurn = 1000
    /// Without the other end for so long, people are told.
    private static let firstPatience: UInt64 = 2_000_000_000

    init(link: any ForwardLink, hello: ForwardHello, parts: ImageParts, options: ForwardOptions, reporting: ForwardReporting) {
        self.link = link
        self.hello = hello
        self.parts = parts
        self.reporting = reporting
        address = options.address
        farewell = UInt64(min(max(0, options.farewell), 1e9) * 1e9)
    }

    /// Runs until everything is confirmed after the end, or nothing is confirmed any more.
    consuming func run(_ owner: Forwarder) {
        var end = self
        do {
            try end.loop(owner)
            owner.giveUp(nil)
        } catch {
            owner.giveUp(error)
        }
    }

    private mutating func loop(_ owner: Forwarder) throws {
        var isClosing = false
        var toldSlow: UInt64 = 0
        let startedAt = Clock.monotonic()
        var isAlone = true
        lastProgress = startedAt
        while true {
            // Room at an end to which nothing is sent would end every wait at once.
            let awaitsRoom = isBlocked && ready.count == link.channels.count
            try link.wait(milliseconds: isBlocked && !awaitsRoom ? 2 : 50, room: awaitsRoom, wake: owner.wakeDescriptor)
            owner.resetWake()
            let time = Clock.monotonic()
            // A peer that never stops talking does not keep this thread from all else.
            for _ in 0..<Self.eventsPerTurn {
                guard let event = try link.nextEvent() else { break }
                try handle(event, owner, at: time)
            }
            try pump(owner)
            if time >= lastBeat + Self.beatInterval { try beat(owner, at: time) }
            let (closes, isDone, tooSlow) = owner.withState { ($0.isClosing, $0.window.isEmpty, $0.tooSlow) }
            if tooSlow > toldSlow { reporting(.tooSlow, at: time) }
            if !ready.isEmpty { isAlone = false }
            if isAlone, time >= startedAt + Self.firstPatience {
                isAlone = false
                reporting(.waiting(for: address), at: time)
            }
            toldSlow = tooSlow
            if closes, isDone { return }
            if closes, !isClosing { (isClosing, lastProgress) = (true, time) }
            if isClosing, time >= lastProgress + farewell { return }
        }
    }

    /// Sends what can be sent.
    private mutating func pump(_ owner: Forwarder) throws(ZMQError) {
        var open = ready
        isBlocked = false
        while let work = owner.withState({ $0.window.next() }) {
            guard !open.isEmpty else {
                isBlocked = !ready.isEmpty
                return
            }
            turn += 1
            let channel = open[turn % open.count]
            switch try send(work, over: channel) {
            case .sent:
                let bytes = if case .part(_, _, let index) = work { parts.range(of: index).count } else { 0 }
                owner.withState { state in
                    state.window.markSent(work, over: channel)
                    guard bytes > 0 else { return }
                    state.statistics.parts += 1
                    state.statistics.bytes += UInt64(bytes)
                }
            case .full, .gone:
                // A connection that is gone is reported as an event.
                open.removeAll { $0 == channel }
            }
        }
    }

    private func send(_ work: SendWindow<Image>.Work, over channel: Int) throws(ZMQError) -> LinkOutcome {
        switch work {
        case .part(let image, let sequence, let index):
            let message = ForwardMessage.part(sequence: sequence, index: UInt32(index), index == 0 ? image.metadata : nil)
            return try link.send(
                message.encoded(stream: stream), pixelsOf: image, range: parts.range(of: index), over: channel)
        case .gap(let gap, let sequence):
            return try link.send(ForwardMessage.gap(sequence: sequence, gap).encoded(stream: stream), over: channel)
        case .end(let sequence):
            return try link.send(ForwardMessage.end(sequence: sequence).encoded(stream: stream), over: channel)
        }
    }

    /// Asks how far the far end is, in case its word was lost, and introduces itself where it was not heard.
    private mutating func beat(_ owner: Forwarder, at time: UInt64) throws(ZMQError) {
        lastBeat = time
        try link.probe()
        for channel in link.channels {
            if ready.contains(channel) {
                _ = try link.send(ForwardMessage.beat.encoded(stream: stream), over: channel)
            } else if !former.contains(channel) {
                try introduce(on: channel, owner)
            }
        }
    }

    private mutating func introduce(on channel: Int, _ owner: Forwarder) throws(ZMQError) {
        hello.base = owner.withState { $0.window.base }
        _ = try link.send(ForwardMessage.hello(hello).encoded(stream: stream), over: channel)
    }

    private mutating func handle(_ event: LinkEvent, _ owner: Forwarder, at time: UInt64) throws(ZMQError) {
        switch event {
        case .opened(let channel):
            try introduce(on: channel, owner)
        case .closed(let channel):
            let wasReady = ready.contains(channel)
            ready.removeAll { $0 == channel }
            former.remove(channel)
            if ready.isEmpty { former = [] }
            owner.withState { [ready] state in
                state.window.lose(channel)
                if ready.isEmpty { state.window.forgetReceiver() }
                state.statistics.broken += 1
                state.statistics.connections = ready.count
            }
            if wasReady, ready.isEmpty { reporting(.disconnected, at: time) }
        case .refused(let reason):
            owner.withState { $0.statistics.refusedConnections += 1 }
            reporting(.refused(reason), at: time)
        case .nonsense:
            refuse(.malformed, owner)
        case .message(let channel, let bytes, _):
            try handle(bytes, from: channel, owner, at: time)
        }
    }

    private mutating func handle(_ bytes: [UInt8], from channel: Int, _ owner: Forwarder, at time: UInt64) throws(ZMQError) {
        let (stream, message): (UInt64, ForwardMessage)
        do {
            (stream, message) = try ForwardMessage.decode(bytes)
        } catch {
            return refuse(.init(error), owner)
        }
        // Without a stream, somebody only shows that a connection stands.
        guard stream != 0 else { return }
        guard stream == self.stream else { return refuse(.foreignStream, owner) }
        switch message {
        case .state(let state):
            guard link.channels.contains(channel) else { return }
            let (verdict, hasMoved, isWaiting) = owner.withState { owned in
                let before = owned.window.base
                let verdict = owned.window.confirm(state, by: channel)
                let hasMoved = owned.window.base > before
                if hasMoved { owned.isPatient = true }
                let isWaiting = owned.isWaiting && owned.window.hasRoom
                if isWaiting { owned.isWaiting = false }
                return (verdict, hasMoved, isWaiting)
            }
            if hasMoved { lastProgress = time }
            if isWaiting { owner.announceRoom() }
            switch verdict {
            case .impossible: return refuse(.sequence, owner)
            // Nothing is sent to one that another has followed: each would get a part of every image.
            case .former:
                former.insert(channel)
                return
            case .behind:
                follow(at: time)
                return try introduce(on: channel, owner)
            case .new: follow(at: time)
            case .current: break
            }
            guard !ready.contains(channel) else { return }
            ready.append(channel)
            owner.withState { [ready] in $0.statistics.connections = ready.count }
            if ready.count == 1 { reporting(.connected(to: address), at: time) }
        case .refusal(let reason):
            reporting(.refused(reason), at: time)
        default:
            refuse(.malformed, owner)
        }
    }

    /// Another far end has come, to which all is sent from now on.
    private mutating func follow(at time: UInt64) {
        if !ready.isEmpty { reporting(.refused("another far end has come; the one before it gets nothing more"), at: time) }
        former.formUnion(ready)
        ready = []
    }

    private func refuse(_ refusal: ForwardStatistics.Refusal, _ owner: Forwarder) {
        owner.withState { $0.statistics.refused[refusal, default: 0] += 1 }
    }
}
