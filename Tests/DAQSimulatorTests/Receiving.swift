import DAQSimulator
import Foundation
import Synchronization

/// Reads sockets while `body` sends on another thread, and gives back what arrived by socket.
///
/// - Parameters:
///   - meanwhile: called once when sending has begun.
///   - eachTurn: gets the number of datagrams that one look at the sockets found.
func receive(
    _ sockets: [LoopbackSocket], while body: @escaping @Sendable () throws -> TransmissionReport,
    meanwhile: () -> Void = {}, eachTurn: (Int) -> Void = { _ in }
) throws -> (report: TransmissionReport, arrived: [[[UInt8]]]) {
    let shared = Outcome()
    Thread { shared.set(Result { try body() }) }.start()
    meanwhile()
    var arrived = [[[UInt8]]](repeating: [], count: sockets.count)
    let limit = Date().addingTimeInterval(30)
    while Date() < limit {
        let outcome = shared.get()
        var found = 0
        for (index, socket) in sockets.enumerated() {
            let datagrams = socket.drain()
            found += datagrams.count
            arrived[index] += datagrams
        }
        eachTurn(found)
        if let outcome { return (try outcome.get(), arrived) }
        usleep(200)
    }
    throw POSIXError(.ETIMEDOUT)
}

/// The outcome of the sending thread.
private final class Outcome: Sendable {
    private let outcome = Mutex<Result<TransmissionReport, any Error>?>(nil)
    func set(_ value: Result<TransmissionReport, any Error>) { outcome.withLock { $0 = value } }
    func get() -> Result<TransmissionReport, any Error>? { outcome.withLock { $0 } }
}

extension LoopbackSocket {
    /// Sockets with consecutive ports, as a detector's streams have them.
    static func neighbours(_ count: Int) throws -> [LoopbackSocket] {
        for _ in 0..<200 {
            let first = try LoopbackSocket()
            var sockets = [first]
            while sockets.count < count, let next = try? LoopbackSocket(port: first.port + sockets.count) { sockets.append(next) }
            if sockets.count == count { return sockets }
        }
        throw POSIXError(.EADDRINUSE)
    }
}
