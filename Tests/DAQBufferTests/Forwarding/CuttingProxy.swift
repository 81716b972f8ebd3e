import DAQSimulator
import Glibc
import Synchronization

/// Stands between two ends on loopback, and breaks their connections when it is told to.
final class CuttingProxy: Sendable {
    private struct State {
        var open: Set<Int32> = []
        var isStopped = false
        var count = 0
    }
    private let listener: Int32
    private let target: UInt16
    private let state = Mutex(State())
    let port: UInt16

    /// Forwards connections to a port of this host.
    init(to address: String) throws {
        target = UInt16(address.split(separator: ":").last ?? "") ?? 0
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var local = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &local) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw ProxyFailure() }
        port = UInt16(bigEndian: local.sin_port)
        spawn { [self] in acceptAll() }
    }

    struct ProxyFailure: Error {}

    /// Address for the end that connects.
    var address: String { "tcp://127.0.0.1:\(port)" }

    /// Breaks every connection at once.
    func cut() {
        state.withLock { state in
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    /// Breaks one connection.
    func cutOne(_ random: inout SplitMix64) {
        let open = state.withLock { $0.open.sorted() }
        if let descriptor = open.randomElement(using: &random) { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        cut()
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func acceptAll() {
        while !state.withLock({ $0.isStopped }) {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { continue }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var remote = Self.loopback(target)
            let isConnected = withUnsafePointer(to: &remote) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard isConnected else {
                close(client)
                close(server)
                continue
            }
            state.withLock { state in state.open.formUnion([client, server]) }
            spawn { [self] in pump(client, server) }
        }
        close(listener)
    }

    /// Carries bytes both ways until one side closes.
    private func pump(_ first: Int32, _ second: Int32) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var isOpen = true
        while isOpen {
            var polled = [
                pollfd(fd: first, events: Int16(POLLIN), revents: 0), pollfd(fd: second, events: Int16(POLLIN), revents: 0),
            ]
            poll(&polled, 2, 1000)
            for (from, to) in [(0, second), (1, first)] where polled[from].revents != 0 {
                let count = read(polled[from].fd, &buffer, buffer.count)
                guard count > 0, send(to, buffer, count, Int32(MSG_NOSIGNAL)) == count else {
                    isOpen = false
                    break
                }
            }
        }
        state.withLock { $0.open.subtract([first, second]) }
        close(first)
        close(second)
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private func spawn(_ body: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, Unmanaged.passRetained(Box(body)).toOpaque())
        pthread_detach(thread)
    }
}
