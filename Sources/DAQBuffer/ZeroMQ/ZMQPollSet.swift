internal import CDAQZMQ
import Glibc

/// Sockets and descriptors that one thread waits for together.
package struct ZMQPollSet {
    private var items: [zmq_pollitem_t] = []

    package init() {}

    /// Adds a socket, which must live until the wait is over.
    ///
    /// - Parameter room: whether to wait for room to send as well.
    package mutating func add(_ socket: borrowing ZMQSocket, room: Bool = false) {
        items.append(
            zmq_pollitem_t(
                socket: socket.handle, fd: 0, events: Int16(room ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN), revents: 0))
    }

    /// Adds a descriptor of the system, from which something can be read.
    package mutating func add(descriptor: Int32) {
        items.append(zmq_pollitem_t(socket: nil, fd: descriptor, events: Int16(ZMQ_POLLIN), revents: 0))
    }

    /// Waits until something is ready.
    ///
    /// - Returns: `false` when nothing was within `milliseconds`.
    package mutating func wait(milliseconds: Int) throws(ZMQError) -> Bool {
        let ready = zmq_poll(&items, Int32(items.count), milliseconds)
        guard ready >= 0 || zmq_errno() == EINTR else { throw ZMQError("wait for", "\(items.count) sockets") }
        return ready > 0
    }
}
