/// How a socket behaves; what is not said stays as libzmq has it, except that nothing lingers.
package struct ZMQSocketOptions: Sendable {
    /// Messages that may wait to be sent to one peer.
    ///
    /// With PUB the rest is dropped, with PUSH the sender waits.
    package var sendLimit = 1000
    /// Messages that may wait to be received from one peer.
    package var receiveLimit = 1000
    /// Milliseconds that a closed socket goes on delivering what was sent.
    package var linger = 0
    /// Milliseconds until a send gives up; -1 for never.
    package var sendTimeout = -1
    /// Milliseconds until a receive gives up; -1 for never.
    package var receiveTimeout = -1
    /// Whether messages only go to peers whose connection stands, and not to those who may come some day.
    package var onlyConnected = false
    /// Bytes of the largest part that is accepted (-1 for any); a peer that sends more is disconnected.
    package var largestMessage = -1
    /// Milliseconds between heartbeats, by which a dead connection is noticed; 0 for none.
    ///
    /// Not for sockets whose queue may be full for longer than that: nothing is read then, answers included, and the connection is
    /// closed with all that is on its way.
    package var heartbeat = 0
    /// Milliseconds without a sign of life after which a connection counts as dead; 0 for the distance of the heartbeats.
    package var heartbeatTimeout = 0
    /// Whether a ROUTER says when it knows no peer of an identity, and when the peer can take no more, instead of dropping.
    package var isStrictRouter = false
    /// Seconds of silence after which the kernel asks whether the other side is still there; 0 for its default, which is hours.
    package var keepAlive = 0
    /// Encryption and authentication.
    package var security = Security.none

    /// Encryption and authentication of a socket, by CURVE.
    package enum Security: Sendable {
        case none
        /// Accepts peers that know this server's public key. Which of them may in is decided by their own keys.
        case server(CurveKeys)
        /// Connects to the server that has this public key.
        case client(CurveKeys, server: String)
    }

    /// The defaults.
    package init() {}
}
