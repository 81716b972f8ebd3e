internal import CDAQZMQ
import Glibc

/// Why something with a ZeroMQ socket did not work.
public struct ZMQError: Error, Equatable, CustomStringConvertible {
    /// What was tried: "bind", "connect", "send" and the like.
    public let operation: String
    /// The address it was tried with, or what else tells one socket from another.
    public let subject: String
    /// The error number, of the system or of ZeroMQ.
    public let code: Int32

    /// The error that ZeroMQ reports at this moment to this thread.
    init(_ operation: String, _ subject: String) {
        self.init(operation, subject, code: zmq_errno())
    }

    init(_ operation: String, _ subject: String, code: Int32) {
        self.operation = operation
        self.subject = subject
        self.code = code
    }

    /// What went wrong and what to do about it.
    public var description: String {
        "cannot \(operation) \(subject): \(String(cString: zmq_strerror(code)))\(advice)"
    }

    private var advice: String {
        guard ["listen at", "connect to"].contains(operation) else { return "" }
        return switch code {
        case EADDRINUSE: "; another program, or another stream, listens there: choose another port"
        case EINVAL, EPROTONOSUPPORT, ENOCOMPATPROTO:
            "; write addresses as tcp://HOST:PORT (HOST may be * to listen on every interface) or ipc:///PATH"
        case ENODEV, EADDRNOTAVAIL:
            "; no interface of this host has that address; write one such as 127.0.0.1, or * for all, not a name"
        case EACCES: "; ports below 1024 and folders of others need their owner's permission"
        case EMFILE: "; too many sockets: close some, or raise the limit of open files (ulimit -n)"
        default: ""
        }
    }

    private var ENOCOMPATPROTO: Int32 { Int32(CDAQZMQ.ENOCOMPATPROTO) }
}
