internal import CDAQZMQ
import Glibc

/// The threads that move messages between sockets and the network; shared by every socket made in it.
// Sendable: a ZeroMQ context may be used by any thread, and the pointer is a constant.
package final class ZMQContext: @unchecked Sendable {
    let handle: UnsafeMutableRawPointer

    /// A context with its threads.
    ///
    /// - Parameter ioThreads: one moves about 4 GB/s.
    /// - Throws: ``ZMQError``.
    package init(ioThreads: Int = 1) throws(ZMQError) {
        guard let handle = zmq_ctx_new() else { throw ZMQError("make", "a ZeroMQ context") }
        self.handle = handle
        zmq_ctx_set(handle, ZMQ_IO_THREADS, Int32(clamping: ioThreads))
    }

    // Every socket holds its context, so none is open any more; what still lingers, lingers as its options say.
    deinit {
        // A signal that ends the wait is no reason to leave threads behind.
        while zmq_ctx_term(handle) != 0, zmq_errno() == EINTR {}
    }
}
