import DAQCore
import Testing

@testable import DAQBuffer

@Suite("CBOR")
struct CBORTests {
    private func hex(_ write: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        write(&bytes)
        return bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    @Test(
        "Whole numbers as in appendix A of RFC 8949",
        arguments: [
            (0, "00"), (23, "17"), (24, "1818"), (100, "1864"), (1000, "1903e8"), (1_000_000, "1a000f4240"),
            (1_000_000_000_000, "1b000000e8d4a51000"), (-1, "20"), (-10, "29"), (-100, "3863"), (-1000, "3903e7"),
        ])
    func integers(number: Int, bytes: String) {
        #expect(hex { $0.append(cbor: number) } == bytes)
    }

    @Test("The largest number, and the smallest that can be written")
    func limits() {
        #expect(hex { $0.append(cbor: UInt64.max) } == "1bffffffffffffffff")
        #expect(hex { $0.append(cbor: Int64.min) } == "3b7fffffffffffffff")
    }

    @Test("Texts, floats, flags, arrays, maps and tags as in appendix A of RFC 8949")
    func others() {
        #expect(hex { $0.append(cbor: "IETF") } == "6449455446")
        #expect(hex { $0.append(cbor: "\u{6C34}") } == "63e6b0b4")
        #expect(hex { $0.append(cbor: 1.1) } == "fb3ff199999999999a")
        #expect(hex { $0.append(cbor: true) } == "f5")
        #expect(hex { $0.append(cborBytes: 4) } == "44")
        #expect(hex { $0.append(cborArray: 25) } == "9819")
        #expect(hex { $0.append(cborMap: 2) } == "a2")
        #expect(hex { $0.append(cborTag: 0) } == "c0")
        #expect(hex { $0.append(cborTag: 56500) } == "d9dcb4")
    }

    @Test("A date has nanoseconds and a zone")
    func dates() {
        #expect(DectrisSeries.date(1_767_225_600_000_000_001) == "2026-01-01T00:00:00.000000001Z")
    }
}
