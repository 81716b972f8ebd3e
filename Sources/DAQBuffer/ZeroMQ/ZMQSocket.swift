internal import CDAQZMQ
package import DAQCore
import Glibc

/// A ZeroMQ socket; used by one thread at a time, and closed when its owner lets it go.
package struct ZMQSocket: ~Copyable {
    /// What a socket does with messages.
    package enum Pattern: Sendable {
        case publish, subscribe, push, pull, request, reply, dealer, router, pair
        /// PUB that can also receive who subscribes: a byte 1 and the topic for every subscription, 0 and the topic for each
        /// that ends.
        case publishCounting
        /// SUB that says by such messages itself what it subscribes to.
        case subscribeByHand

        fileprivate var number: Int32 {
            switch self {
            case .publish: ZMQ_PUB
            case .subscribe: ZMQ_SUB
            case .push: ZMQ_PUSH
            case .pull: ZMQ_PULL
            case .request: ZMQ_REQ
            case .reply: ZMQ_REP
            case .dealer: ZMQ_DEALER
            case .router: ZMQ_ROUTER
            case .pair: ZMQ_PAIR
            case .publishCounting: ZMQ_XPUB
            case .subscribeByHand: ZMQ_XSUB
            }
        }
    }

    private let context: ZMQContext
    let handle: UnsafeMutableRawPointer
    /// For messages of errors.
    let name: String

    /// An unconnected socket.
    ///
    /// - Throws: ``ZMQError``.
    package init(_ pattern: Pattern, in context: ZMQContext, options: ZMQSocketOptions = ZMQSocketOptions()) throws(ZMQError) {
        guard let handle = zmq_socket(context.handle, pattern.number) else { throw ZMQError("open", "a \(pattern) socket") }
        let setter = SocketOptionSetter(handle: handle, name: "a \(pattern) socket")
        do throws(ZMQError) {
            try setter.apply(options)
            if pattern == .subscribe { try setter.set(ZMQ_SUBSCRIBE, "") }
            if pattern == .publishCounting { try setter.set(ZMQ_XPUB_VERBOSER, Int32(1)) }
        } catch {
            zmq_close(handle)
            throw error
        }
        self.context = context
        self.handle = handle
        name = setter.name
    }

    deinit { zmq_close(handle) }

    /// Listens at an address.
    ///
    /// - Returns: the address with the port that was chosen, if it ended in `:*`.
    @discardableResult
    package func bind(_ address: String) throws(ZMQError) -> String {
        if IPCAddress.isTaken(address) { throw ZMQError("listen at", address, code: EADDRINUSE) }
        guard zmq_bind(handle, address) == 0 else { throw ZMQError("listen at", address) }
        return lastEndpoint ?? address
    }

    /// Connects to an address, now or whenever somebody listens there; a broken connection is made again.
    package func connect(_ address: String) throws(ZMQError) {
        guard zmq_connect(handle, address) == 0 else { throw ZMQError("connect to", address) }
    }

    /// Sends one part, copied.
    ///
    /// - Parameters:
    ///   - more: whether other parts of the same message follow.
    ///   - wait: whether to wait for room, for as long as the options say.
    /// - Returns: whether it was sent; `false` when there is no room, or nobody to take it.
    package func send(_ bytes: RawSpan, more: Bool = false, wait: Bool = true) throws(ZMQError) -> Bool {
        let sent = bytes.withUnsafeBytes { buffer in
            retried { zmq_send(handle, buffer.baseAddress, buffer.count, flags(more: more, wait: wait)) }
        }
        return try outcome(sent, of: "send to")
    }

    /// Sends a text as one part.
    package func send(_ text: String, more: Bool = false, wait: Bool = true) throws(ZMQError) -> Bool {
        try send(text.utf8Span.span.bytes, more: more, wait: wait)
    }

    /// Sends the pixels of an image as one part, without a copy: the slot stays held until the network has taken the bytes,
    /// or until they are dropped.
    ///
    /// - Parameter range: of bytes; all of the image by default.
    package func send(
        pixelsOf image: Image, range: Range<Int>? = nil, more: Bool = false, wait: Bool = true
    ) throws(ZMQError) -> Bool {
        let range = range ?? 0..<image.format.bytes
        return try send(
            UnsafeRawBufferPointer(rebasing: image.lease.bytes[range]), held: MessageHold(image.lease), more: more, wait: wait)
    }

    /// Sends bytes as one part, without a copy.
    ///
    /// - Parameters:
    ///   - bytes: stay as they are for as long as the owner lives that `hold` keeps.
    ///   - hold: let go, on any thread, when the network has taken the bytes, or when they are dropped.
    package func send(
        _ bytes: UnsafeRawBufferPointer, held hold: MessageHold, more: Bool = false, wait: Bool = true
    ) throws(ZMQError) -> Bool {
        let pointer = Unmanaged.passRetained(hold)
        var message = zmq_msg_t()
        // libzmq only reads the bytes. It may call back from any thread, and does so once.
        let made = zmq_msg_init_data(
            &message, UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count,
            { _, pointer in
                if let pointer { Unmanaged<MessageHold>.fromOpaque(pointer).takeRetainedValue().noteRelease() }
            }, pointer.toOpaque())
        guard made == 0 else {
            let error = ZMQError("send to", name)
            pointer.release()
            throw error
        }
        let sent = retried { zmq_msg_send(&message, handle, flags(more: more, wait: wait)) }
        let code = zmq_errno()
        if sent < 0 { zmq_msg_close(&message) }
        return try outcome(sent, of: "send to", code: code)
    }

    /// Whether a message could be sent at this moment.
    package var canSend: Bool {
        get throws(ZMQError) { try number(ZMQ_EVENTS) & Int32(ZMQ_POLLOUT) != 0 }
    }

    /// Receives the next part into `message`, whose earlier contents are gone then.
    ///
    /// - Returns: `false` when nothing came in time (see ``ZMQSocketOptions/receiveTimeout``), or at once without `wait`.
    package func receive(_ message: borrowing ZMQMessage, wait: Bool = true) throws(ZMQError) -> Bool {
        let received = retried { zmq_msg_recv(message.handle, handle, wait ? 0 : ZMQ_DONTWAIT) }
        return try outcome(received, of: "receive from")
    }

    /// Waits until something can be received.
    ///
    /// - Returns: `false` when nothing came within `milliseconds`.
    package func waitForMessage(milliseconds: Int) throws(ZMQError) -> Bool {
        var item = zmq_pollitem_t(socket: handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
        let ready = zmq_poll(&item, 1, milliseconds)
        guard ready >= 0 || zmq_errno() == EINTR else { throw ZMQError("wait for", name) }
        return ready > 0
    }

    /// Whether the message that is being received has further parts.
    package var hasMore: Bool { get throws(ZMQError) { try number(ZMQ_RCVMORE) != 0 } }

    /// Takes and drops what is left of the message that is being received, so that the next part begins another one.
    package func skipRest(_ message: borrowing ZMQMessage) throws(ZMQError) {
        while try hasMore, try receive(message) {}
    }

    private func flags(more: Bool, wait: Bool) -> Int32 {
        (more ? ZMQ_SNDMORE : 0) | (wait ? 0 : ZMQ_DONTWAIT)
    }

    private func retried(_ call: () -> Int32) -> Int32 {
        var result = call()
        while result < 0, zmq_errno() == EINTR { result = call() }
        return result
    }

    private func outcome(_ result: Int32, of operation: String, code: Int32 = zmq_errno()) throws(ZMQError) -> Bool {
        if result >= 0 { return true }
        if code == EAGAIN { return false }
        throw ZMQError(operation, name, code: code)
    }
}

extension ZMQSocket {
    private func number(_ option: Int32) throws(ZMQError) -> Int32 {
        var value: Int32 = 0
        var size = MemoryLayout<Int32>.size
        guard zmq_getsockopt(handle, option, &value, &size) == 0 else { throw ZMQError("read option \(option) of", name) }
        return value
    }

    private var lastEndpoint: String? {
        var text = [CChar](repeating: 0, count: 1024)
        var size = text.count
        guard zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &text, &size) == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
