import DAQCore
import DAQFuzzing
import Glibc
import Testing

@testable import DAQWriter

/// Calibration files that are whole to their library and wrong for us.
///
/// The metadata of HDF5 files themselves are not damaged here: reading those is the library's business.
@Suite(.serialized) struct CalibrationFuzzTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test(arguments: 0..<40 as Range<UInt64>) func oddDatasetsAreRefusedInWords(seed: UInt64) throws {
        print("seed \(seed)")
        var random = Mutator(seed: seed, corpus: [], maximumBytes: 0)
        let path = directory.file("odd-\(seed).h5")
        let file = try HDF5File(creating: path, overwrite: true)
        let root = try file.root()
        let types = [Float.hdf5Type, Double.hdf5Type, Int8.hdf5Type, UInt16.hdf5Type, Int64.hdf5Type, UInt64.hdf5Type]
        let sizes = [0, 1, 2, 3, 4, 5, 6, 511, 512, 1024, 1025, 1 << 31, 1 << 40]
        var shapes: [[Int]] = []
        for name in ["gains", "pixel_mask"] {
            // Never a right shape with a wrong type or the other way round only: both, one, or neither is odd.
            var shape = name == "gains" ? [3, 512, 1024] : [512, 1024]
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let size = sizes[Int.random(in: sizes.indices, using: &random)]
                switch Int.random(in: 0..<3, using: &random) {
                case 0 where !shape.isEmpty: shape[Int.random(in: shape.indices, using: &random)] = size
                case 1 where !shape.isEmpty: shape.removeLast()
                default: shape.insert(size, at: 0)
                }
            }
            // The library itself refuses what is larger than a file may be.
            guard shape.reduce(1.0, { $0 * Double($1) }) < 0x1p50 else { continue }
            let type = types[Int.random(in: types.indices, using: &random)]
            _ = try? HDF5Dataset(creating: name, in: root, type: type, shape: shape)
            shapes.append(shape)
        }
        try file.close()
        for allowed in [[3, 4], [3, 4, 6]] {
            let calibration = try CalibrationFile(path: path, modules: 1)
            #expect(throws: CalibrationFileError.self, "seed \(seed): \(shapes)") {
                let planes = try calibration.planes(allowed)
                // Four planes may have come about; then the type was right as well.
                guard planes.allSatisfy({ $0.count == 512 * 1024 }), allowed.contains(planes.count) else { return }
                throw CalibrationFileError(path: path, problem: "none")
            }
            do {
                let mask = try calibration.mask()
                #expect(mask.map { $0.count == 512 * 1024 } ?? true, "seed \(seed): \(shapes)")
            } catch let error as CalibrationFileError {
                #expect(!"\(error)".isEmpty)
            }
        }
    }

    @Test(arguments: [0, 1, 3, 4, 5, 6, 7], [-1, 0, 1]) func gainMapsHaveOneOfThreeSizes(planes: Int, difference: Int) throws {
        let path = directory.file("gain.bin")
        let bytes = planes * GainMapFile.pixels * 8 + difference
        guard bytes >= 0 else { return }
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        try #require(descriptor >= 0 && ftruncate(descriptor, bytes) == 0)
        close(descriptor)
        if [3, 4, 6].contains(planes), difference == 0 {
            #expect(try GainMapFile.read([path]).map(\.count) == [Int](repeating: GainMapFile.pixels, count: 6))
        } else {
            #expect(throws: CalibrationFileError.self) { try GainMapFile.read([path]) }
        }
    }

    @Test(arguments: 0..<2 as Range<UInt64>) func gainMapsOfAnyBitsAreRoundedOnce(seed: UInt64) throws {
        print("seed \(seed)")
        var random = Mutator(seed: seed, corpus: [], maximumBytes: 0)
        var bits = [UInt64](repeating: 0, count: 3 * GainMapFile.pixels)
        let odd: [Double] = [.nan, .signalingNaN, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude, -0.0]
        for index in 0..<5000 {
            let value = index < odd.count ? odd[index].bitPattern : random.next()
            bits[Int.random(in: bits.indices, using: &random)] = value
        }
        let path = directory.file("bits.bin")
        let file = try #require(fopen(path, "w"))
        #expect(bits.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) } == bits.count * 8)
        fclose(file)
        let planes = try GainMapFile.read([path])
        for (target, source) in [0, 1, 2, 0, 1, 2].enumerated() {
            let wrong = (0..<GainMapFile.pixels).count { pixel in
                let expected = Float(Double(bitPattern: bits[source * GainMapFile.pixels + pixel]))
                return planes[target][pixel].bitPattern != expected.bitPattern && !(expected.isNaN && planes[target][pixel].isNaN)
            }
            #expect(wrong == 0, "seed \(seed): plane \(target)")
        }
    }
}
