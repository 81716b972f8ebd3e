import DAQCore
import Glibc

/// What is possible in a configuration, but not on this host, or not now.
struct ConfigurationDoubts {
    /// One line each.
    let lines: [String]

    /// Looks at the files, the processors and the memory that a configuration needs.
    ///
    /// - Parameter ringBytes: memory of the ring.
    init(_ detector: DetectorConfiguration, ringBytes: Int) {
        var lines: [String] = []
        if detector.forwardSource == nil {
            if let missing = detector.missingCalibration { lines.append("\(missing)") }
            if detector.requiresCalibration { lines += Self.absentFiles(detector.calibration) }
        }
        let processors = sysconf(Int32(_SC_NPROCESSORS_CONF))
        let absent = Set(detector.receive.cpus.filter { $0 >= processors }).sorted()
        if !absent.isEmpty, processors > 0 {
            lines.append(
                "receive.cpus: there is no processor \(absent.map(String.init).joined(separator: ", ")) on this host, which has 0 "
                    + "to \(processors - 1)")
        }
        if detector.ring.isShared, let total = Self.sharedMemory, ringBytes > total {
            lines.append(
                "ring.bytes: the ring needs \(Quantity.bytes(UInt64(ringBytes))), and /dev/shm of this host has "
                    + "\(Quantity.bytes(UInt64(total))) at the most; make it smaller, or enlarge /dev/shm: "
                    + "sudo mount -o remount,size=SIZE /dev/shm")
        }
        self.lines = lines
    }

    private static func absentFiles(_ calibration: CalibrationConfiguration) -> [String] {
        let named: [(String, String?)] = [
            ("pedestal", calibration.pedestal), ("gain", calibration.gain), ("mask", calibration.mask),
        ]
        return named.flatMap { key, paths in
            (paths ?? "").split(separator: ",").map { String($0.trimmingPrefix { $0 == " " }) }
                .filter { !FilePath.exists($0) }.map { "calibration.\(key): there is no file \($0)" }
        }
    }

    /// Bytes of the file system of shared memory.
    private static var sharedMemory: Int? {
        var system = statvfs()
        guard statvfs("/dev/shm", &system) == 0 else { return nil }
        return Int(clamping: UInt64(system.f_blocks) &* UInt64(system.f_frsize))
    }
}
