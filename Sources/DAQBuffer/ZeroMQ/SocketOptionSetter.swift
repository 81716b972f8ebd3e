internal import CDAQZMQ

/// Sets options of a socket that nobody uses yet.
struct SocketOptionSetter {
    let handle: UnsafeMutableRawPointer
    /// For messages of errors.
    let name: String

    func apply(_ options: ZMQSocketOptions) throws(ZMQError) {
        try set(ZMQ_SNDHWM, Int32(clamping: options.sendLimit))
        try set(ZMQ_RCVHWM, Int32(clamping: options.receiveLimit))
        try set(ZMQ_LINGER, Int32(clamping: options.linger))
        try set(ZMQ_SNDTIMEO, Int32(clamping: options.sendTimeout))
        try set(ZMQ_RCVTIMEO, Int32(clamping: options.receiveTimeout))
        try set(ZMQ_IMMEDIATE, Int32(options.onlyConnected ? 1 : 0))
        try set(ZMQ_MAXMSGSIZE, Int64(options.largestMessage))
        try set(ZMQ_HEARTBEAT_IVL, Int32(clamping: options.heartbeat))
        if options.heartbeatTimeout > 0 { try set(ZMQ_HEARTBEAT_TIMEOUT, Int32(clamping: options.heartbeatTimeout)) }
        // Only a ROUTER has this option.
        if options.isStrictRouter { try set(ZMQ_ROUTER_MANDATORY, Int32(1)) }
        if options.keepAlive > 0 {
            try set(ZMQ_TCP_KEEPALIVE, Int32(1))
            try set(ZMQ_TCP_KEEPALIVE_IDLE, Int32(clamping: options.keepAlive))
            try set(ZMQ_TCP_KEEPALIVE_INTVL, Int32(1))
            try set(ZMQ_TCP_KEEPALIVE_CNT, Int32(5))
        }
        switch options.security {
        case .none: break
        case .server(let keys):
            try set(ZMQ_CURVE_SERVER, Int32(1))
            try set(ZMQ_CURVE_SECRETKEY, keys.secretKey)
        case .client(let keys, let server):
            try set(ZMQ_CURVE_SERVERKEY, server)
            try set(ZMQ_CURVE_PUBLICKEY, keys.publicKey)
            try set(ZMQ_CURVE_SECRETKEY, keys.secretKey)
        }
    }

    func set<Number: FixedWidthInteger>(_ option: Int32, _ value: Number) throws(ZMQError) {
        var value = value
        guard zmq_setsockopt(handle, option, &value, MemoryLayout<Number>.size) == 0 else {
            throw ZMQError("set option \(option) of", name)
        }
    }

    func set(_ option: Int32, _ text: String) throws(ZMQError) {
        guard zmq_setsockopt(handle, option, text, text.utf8.count) == 0 else {
            throw ZMQError("set option \(option) of", name)
        }
    }
}
