import DAQCore
import Testing

@Suite struct DumpFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func record(_ datagram: [UInt8], claimed: UInt64? = nil) -> [UInt8] {
        withUnsafeBytes(of: (claimed ?? UInt64(datagram.count)).littleEndian, Array.init) + datagram
    }

    @Test func readsRecordsInOrder() throws {
        let datagrams = [[1, 2, 3], [], [UInt8](repeating: 5, count: 65507), [4]]
        try folder.write(datagrams.flatMap { record($0) }, to: "50020.dat")
        let file = try DumpFile(path: folder.file("50020.dat"))
        for datagram in datagrams {
            #expect(try file.peek().map { Array($0) } == datagram)
            #expect(try file.next().map { Array($0) } == datagram)
        }
        #expect(try file.next() == nil)
        #expect(!file.isTruncated)
    }

    @Test func aCutFileEndsEarly() throws {
        for cut in [1, 7, 8, 10] {
            try folder.write(record([1]) + Array(record([1, 2, 3])[..<cut]), to: "1.dat")
            let file = try DumpFile(path: folder.file("1.dat"))
            #expect(try file.next().map { Array($0) } == [1])
            #expect(try file.next() == nil)
            #expect(file.isTruncated)
        }
    }

    @Test func anImpossibleLengthIsAnError() throws {
        for length in [65508, UInt64(1) << 40, .max] {
            try folder.write(record([1, 2], claimed: length), to: "2.dat")
            let file = try DumpFile(path: folder.file("2.dat"))
            let error = #expect(throws: CaptureError.self) { try file.next() }
            #expect(error?.code == .recordLength)
        }
    }

    @Test func aFolderListsItsPorts() throws {
        #expect(throws: CaptureError.self) { try DumpFolder(path: folder.path) }
        for name in ["50021.dat", "50020.dat", "9999.dat", "x.dat", "70000.dat", "050.dat", "50020.txt"] {
            try folder.write([], to: name)
        }
        #expect(try DumpFolder(path: folder.path).ports == [9999, 50020, 50021])
        #expect(throws: CaptureError.self) { try DumpFolder(path: folder.file("absent")) }
    }
}
