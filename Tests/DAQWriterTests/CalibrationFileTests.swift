import DAQCore
import DAQWriter
import Glibc
import Testing

@Suite(.serialized) struct CalibrationFileTests {
    private let directory: TemporaryDirectory
    private let made: Bool

    init() throws {
        directory = try TemporaryDirectory()
        guard let python = Shell.python(for: "CalibrationFileTests") else {
            made = false
            return
        }
        let result = try Shell.check(python, "make_calibration.py", [directory.path])
        #expect(result.status == 0, "\(result.output)")
        made = result.status == 0
    }

    private func configuration(pedestal: String?, gain: String?, mask: String? = nil) -> DetectorConfiguration {
        var configuration = DetectorConfiguration(
            name: "jf", type: .jungfrauConverted, moduleCount: 2, bitDepth: 16, imageWidth: 1030, imageHeight: 1028,
            startUDPPort: 50000, modulePositions: [:])
        configuration.calibration.pedestal = pedestal.map(directory.file)
        configuration.calibration.gain = gain.map { names in
            names.split(separator: ",").map { directory.file("\($0)") }.joined(separator: ", ")
        }
        configuration.calibration.mask = mask.map(directory.file)
        return configuration
    }

    /// Whether all planes are the same to the bit, so also where they are NaN.
    private func isSame<Number: BitwiseCopyable>(_ left: [[Number]]?, _ right: [[Number]]) -> Bool {
        guard let left, left.count == right.count else { return false }
        return zip(left, right).allSatisfy { left, right in
            left.count == right.count
                && left.withUnsafeBytes { left in
                    right.withUnsafeBytes { right in
                        guard let first = left.baseAddress, let second = right.baseAddress else { return true }
                        return memcmp(first, second, left.count) == 0
                    }
                }
        }
    }

    private func expected<Number: BitwiseCopyable>(_ name: String, _ number: Number.Type, planes: Int) throws -> [[Number]] {
        let file = try #require(fopen(directory.file(name), "r"))
        defer { fclose(file) }
        return try (0..<planes).map { _ in
            try [Number](unsafeUninitializedCapacity: 2 * 512 * 1024) { buffer, count in
                count = fread(buffer.baseAddress, MemoryLayout<Number>.size, buffer.count, file)
                try #require(count == buffer.count)
            }
        }
    }

    @Test("Files of PSI's layout are read to the bit, and unusable pixels are masked")
    func hdf5() throws {
        guard made else { return }
        let loaded = try LoadedCalibration(configuration(pedestal: "pedestal.h5", gain: "gains6.h5"))
        let gains = try expected("gains.f4", Float.self, planes: 6)
        #expect(isSame(loaded.calibration.pedestals, try expected("pedestals.f4", Float.self, planes: 3)))
        #expect(isSame(loaded.calibration.gains, gains))
        #expect(loaded.unusableGains == 2)
        #expect(loaded.unusablePedestals == 1)
        #expect(loaded.notes.count == 2)
        var mask = try expected("mask.i8", Int64.self, planes: 1)[0]
        for pixel in [3 * 1024 + 7, 1023 * 1024 + 1023, 600 * 1024 + 5] { mask[pixel] |= LoadedCalibration.unusable }
        #expect(isSame(loaded.calibration.mask.map { [$0] }, [mask]))

        // High gain uses other planes, of which another pixel is unusable.
        var high = configuration(pedestal: "pedestal.h5", gain: "gains6.h5")
        high.calibration.highGain = true
        let highMask = try #require(try LoadedCalibration(high).calibration.mask)
        #expect(highMask[0] == LoadedCalibration.unusable)
        #expect(highMask[3 * 1024 + 7] == 0)
    }

    @Test("Single precision, boolean masks, a mask of its own, and files with fewer planes")
    func variants() throws {
        guard made else { return }
        let gains = try expected("gains.f4", Float.self, planes: 6)
        let mask = try expected("mask.i8", Int64.self, planes: 1)[0]
        let loaded = try LoadedCalibration(configuration(pedestal: "pedestal-f4-bool.h5", gain: "gains4.h5"))
        #expect(loaded.calibration.pedestals.count == 4)
        #expect(isSame(loaded.calibration.gains, Array(gains[..<4])))
        let good = mask.map { $0 == 0 }
        #expect(loaded.calibration.mask?.map { $0 & 1 == 0 } == good)

        let repeated = try LoadedCalibration(configuration(pedestal: "pedestal.h5", gain: "gains3.h5", mask: "mask.h5"))
        #expect(isSame(repeated.calibration.gains, Array(gains[..<3] + gains[..<3])))
        #expect(repeated.calibration.mask?.map { $0 & 1 == 0 } == good)
    }

    @Test("Gain maps of the detector group, one a module", arguments: [3, 4, 6])
    func gainMaps(planes: Int) throws {
        guard made else { return }
        let names = "gainMaps_M0_\(planes).bin,gainMaps_M1_\(planes).bin"
        let loaded = try LoadedCalibration(configuration(pedestal: "pedestal.h5", gain: names))
        let gains = try expected("gains.f4", Float.self, planes: 6)
        let sources = planes == 3 ? [0, 1, 2, 0, 1, 2] : planes == 4 ? [0, 1, 2, 3, 1, 2] : [0, 1, 2, 3, 4, 5]
        #expect(isSame(loaded.calibration.gains, sources.map { gains[$0] }))
    }

    @Test("Files that do not fit are refused with what was expected and found")
    func refused() throws {
        guard made else { return }
        func message(pedestal: String? = "pedestal.h5", gain: String? = "gains6.h5", mask: String? = nil) -> String {
            let error = #expect(throws: CalibrationFileError.self) {
                try LoadedCalibration(configuration(pedestal: pedestal, gain: gain, mask: mask))
            }
            return error?.description ?? ""
        }
        #expect(message(pedestal: nil).contains("need a pedestal file"))
        #expect(message(pedestal: "absent.h5").contains("no such file"))
        #expect(message(pedestal: "one-module.h5").contains("expected the shape (3 or 4, 1024, 1024), found (3, 512, 1024)"))
        #expect(message(pedestal: "gains6.h5").contains("found (6, 1024, 1024)"))
        #expect(message(pedestal: "integers.h5").contains("expected float64 or float32 values, found int32"))
        #expect(message(pedestal: "empty.h5").contains("no dataset /gains"))
        #expect(message(pedestal: "cut.h5").contains("truncated"))
        #expect(message(pedestal: "text.h5").contains("not an HDF5 file"))
        #expect(message(gain: "gains5.h5").contains("expected the shape (3 or 4 or 6, 1024, 1024), found (5, 1024, 1024)"))
        #expect(message(gain: "gainMaps_M0_3.bin").contains("expected 2 gain maps, one a module, found 1"))
        #expect(message(gain: "gainMaps_M0_3.bin,text.h5").contains("found 1500 bytes"))
        #expect(message(gain: "gainMaps_M0_3.bin,absent.bin").contains("No such file"))
        #expect(message(mask: "gains6.h5").contains("no dataset /pixel_mask"))
        #expect(message(mask: "one-module.h5").contains("expected the shape (1024, 1024), found (512, 1024)"))
        #expect(message(mask: "integers.h5").contains("expected integers or booleans, found float32"))
    }

    @Test("A pedestal file that this library writes is read by itself and by h5py")
    func pedestals() throws {
        let count = 2 * 512 * 1024
        let means = (0..<3).map { plane in (0..<count).map { Double($0 % 977) + Double(plane) / 3 } }
        let deviations = (0..<3).map { plane in (0..<count).map { Double($0 % 13) / Double(plane + 1) } }
        let mask = (0..<count).map { Int64($0 % 1000 == 0 ? 2 : 0) }
        let path = directory.file("new.res.h5")
        try PedestalFile.write(means: means, deviations: deviations, mask: mask, to: path)
        let failure = #expect(throws: HDF5Error.self) {
            try PedestalFile.write(means: means, deviations: deviations, mask: mask, to: path)
        }
        #expect(failure?.code == .exists)

        guard made, let python = Shell.python(for: "pedestals") else { return }
        let loaded = try LoadedCalibration(configuration(pedestal: "new.res.h5", gain: "gains6.h5"))
        #expect(loaded.calibration.pedestals == means.map { $0.map { Float($0) } })
        #expect(loaded.calibration.mask?.map { $0 & 3 } == mask)
        let script = """
            import sys, h5py, numpy
            file = h5py.File(sys.argv[1])
            n = numpy.arange(2 * 512 * 1024).reshape(1024, 1024)
            assert file["gains"].dtype == "f8" and file["gains"].shape == (3, 1024, 1024)
            for plane in range(3):
                assert (file["gains"][plane] == n % 977 + plane / 3).all()
                assert (file["gainsRMS"][plane] == n % 13 / (plane + 1)).all()
            assert file["pixel_mask"].dtype == "i8" and (file["pixel_mask"][()] == numpy.where(n % 1000 == 0, 2, 0)).all()
            """
        let result = try Shell.run(python, ["-c", script, path])
        #expect(result.status == 0, "\(result.output)")
    }
}
