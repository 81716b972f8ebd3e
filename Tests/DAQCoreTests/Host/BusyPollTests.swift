import Glibc
import Testing

@testable import DAQCore

@Suite("Busy polling")
struct BusyPollTests {
    private static func setting(of descriptor: Int32) -> Int32 {
        var value: Int32 = -1
        var size = socklen_t(MemoryLayout<Int32>.size)
        #expect(getsockopt(descriptor, SOL_SOCKET, SO_BUSY_POLL, &value, &size) == 0)
        return value
    }

    private static func bound(busyPoll: Int) throws(ReceiveError) -> UDPSocket {
        try UDPSocket(
            address: "127.0.0.1", port: 0, multicastGroup: nil, bufferBytes: 4096, busyPollMicroseconds: busyPoll)
    }

    @Test("A socket polls for as long as is asked, and the host's default is left alone otherwise")
    func setting() throws {
        let plain = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(plain) }
        let untouched = try Self.bound(busyPoll: 0)
        #expect(Self.setting(of: untouched.descriptor) == Self.setting(of: plain))
        do {
            let polling = try Self.bound(busyPoll: 77)
            #expect(Self.setting(of: polling.descriptor) == 77)
        } catch {
            // Kernels that want a privilege for it.
            #expect(error == .busyPoll(microseconds: 77, errno: EPERM))
        }
    }

    @Test("A refusal says what to do")
    func refusal() {
        #expect(
            ReceiveError.busyPoll(microseconds: 50, errno: EPERM).description
                == "receive.busy_poll 50 is not permitted: it needs CAP_NET_ADMIN, or as root: "
                + "sysctl -w net.core.busy_read=50; 0 switches it off")
    }
}
