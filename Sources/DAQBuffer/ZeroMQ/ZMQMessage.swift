internal import CDAQZMQ

/// One received part of a message; kept, and used again for the next one.
package struct ZMQMessage: ~Copyable {
    // On the heap, since libzmq keeps small contents in the structure itself and Swift may move values.
    let handle: UnsafeMutablePointer<zmq_msg_t>

    /// An empty part.
    package init() {
        handle = .allocate(capacity: 1)
        zmq_msg_init(handle)
    }

    deinit {
        zmq_msg_close(handle)
        handle.deallocate()
    }

    /// Number of bytes.
    package var count: Int { zmq_msg_size(handle) }

    /// Whether more parts of the same message follow.
    package var hasMore: Bool { zmq_msg_more(handle) != 0 }

    /// Lends the bytes for the time of `body`.
    package borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: zmq_msg_data(handle), count: count).bytes)
    }
}
