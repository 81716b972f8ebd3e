import DAQCore
import Glibc

/// What the start message of a DECTRIS stream says about a series, which is a run here.
///
/// Everything that a configuration does not know has a value that says so: 0, `false`, an empty map. Lengths are metres,
/// energies eV, times seconds.
struct DectrisSeries {
    /// Name of the one channel; streamvis takes no other.
    static let channel = "default"

    /// Ascending from run to run.
    let id: UInt64
    /// Different for every run.
    let uniqueID: String
    /// When the run was started.
    let startedAt: UInt64
    private let stream: StreamDescription

    /// The series that a run is.
    init(_ stream: StreamDescription) {
        self.stream = stream
        startedAt = stream.run.startedAt
        id = startedAt / 1_000_000_000
        uniqueID = "\(stream.run.configuration.name)-\(startedAt)"
    }

    /// A time with its zone.
    static func date(_ time: UInt64) -> String {
        var seconds = time_t(clamping: time / 1_000_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let fraction = String(time % 1_000_000_000 + 1_000_000_000).dropFirst()
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
            guard let start = text.baseAddress else { return "" }
            strftime(start, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
            return "\(String(cString: start)).\(fraction)Z"
        }
    }

    /// Appends the start message.
    func appendStart(to bytes: inout [UInt8]) {
        let (format, configuration) = (stream.format, stream.run.configuration)
        let pixelSize = (configuration.type.pixelSize ?? 0) * Double(stream.reduction.binning)
        bytes.append(cborMap: 33)
        bytes.append(cbor: "type", "start")
        bytes.append(cbor: "arm_date")
        bytes.append(cborTag: 0)
        bytes.append(cbor: Self.date(startedAt))
        // Without a better knowledge: the middle of the image.
        bytes.append(cbor: "beam_center_x", Double(format.width) / 2)
        bytes.append(cbor: "beam_center_y", Double(format.height) / 2)
        bytes.append(cbor: "channels")
        bytes.append(cborArray: 1)
        bytes.append(cbor: Self.channel)
        bytes.append(cbor: "count_time", 0.0)
        bytes.append(cbor: "countrate_correction_enabled", false)
        bytes.append(cbor: "countrate_correction_lookup_table")
        bytes.append(cborTag: PixelType.uint32.typedArrayTag)
        bytes.append(cborBytes: 0)
        bytes.append(cbor: "detector_description", configuration.type.rawValue)
        bytes.append(cbor: "detector_serial_number", configuration.name)
        bytes.append(cbor: "detector_translation")
        bytes.append(cborArray: 3)
        for _ in 0..<3 { bytes.append(cbor: 0.0) }
        bytes.append(cbor: "flatfield")
        bytes.append(cborMap: 0)
        bytes.append(cbor: "flatfield_enabled", false)
        bytes.append(cbor: "frame_time", 0.0)
        bytes.append(cbor: "goniometer")
        bytes.append(cborMap: 0)
        bytes.append(cbor: "image_dtype", format.pixelType.rawValue)
        bytes.append(cbor: "image_size_x", format.width)
        bytes.append(cbor: "image_size_y", format.height)
        bytes.append(cbor: "incident_energy", 0.0)
        bytes.append(cbor: "incident_wavelength", 0.0)
        bytes.append(cbor: "number_of_images", 0)
        bytes.append(cbor: "pixel_mask")
        bytes.append(cborMap: 1)
        bytes.append(cbor: Self.channel)
        appendMask(to: &bytes)
        bytes.append(cbor: "pixel_mask_enabled", true)
        bytes.append(cbor: "pixel_size_x", pixelSize)
        bytes.append(cbor: "pixel_size_y", pixelSize)
        bytes.append(cbor: "saturation_value", format.pixelType.saturation)
        bytes.append(cbor: "sensor_material", configuration.type.sensorMaterial)
        bytes.append(cbor: "sensor_thickness", configuration.type.sensorThickness)
        bytes.append(cbor: "series_id", id)
        bytes.append(cbor: "series_unique_id", uniqueID)
        bytes.append(cbor: "threshold_energy")
        bytes.append(cborMap: 0)
        bytes.append(cbor: "user_data")
        appendUserData(to: &bytes)
        bytes.append(cbor: "virtual_pixel_interpolation_enabled", false)
    }

    /// Appends the end message.
    func appendEnd(to bytes: inout [UInt8]) {
        bytes.append(cborMap: 3)
        bytes.append(cbor: "type", "end")
        bytes.append(cbor: "series_id", id)
        bytes.append(cbor: "series_unique_id", uniqueID)
    }

    private func appendUserData(to bytes: inout [UInt8]) {
        let region = stream.reduction.region
        bytes.append(cborMap: 3)
        bytes.append(cbor: "software", "\(PackageVersion.name) \(PackageVersion.number)")
        bytes.append(cbor: "region")
        bytes.append(cborArray: 4)
        for corner in [region.xStart, region.yStart, region.xEnd, region.yEnd] { bytes.append(cbor: corner) }
        bytes.append(cbor: "binning", stream.reduction.binning)
    }

    /// Appends a mask: 1, the bit for pixels without a sensor, where no module lies, and 0 elsewhere.
    ///
    /// Of a bin the pixel in the middle decides.
    private func appendMask(to bytes: inout [UInt8]) {
        let format = ImageFormat(width: stream.format.width, height: stream.format.height, pixelType: .uint32)
        bytes.append(dectrisArray: format, bytes: format.bytes)
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: format.bytes))
        let areas = stream.run.configuration.moduleAreas
        guard !areas.isEmpty else { return }
        let (region, binning) = (stream.reduction.region, stream.reduction.binning)
        for row in 0..<format.height {
            let y = region.yStart + row * binning + binning / 2
            var column = 0
            func mark(upTo end: Int) {
                // The lowest byte of a pixel is its first.
                while column < end {
                    bytes[start + 4 * (row * format.width + column)] = 1
                    column += 1
                }
            }
            for area in areas where area.yStart <= y && y <= area.yEnd {
                // The first column whose middle is not left of the area, and the first that is right of it.
                let left = area.xStart - region.xStart - binning / 2 + binning - 1
                let right = area.xEnd - region.xStart - binning / 2 + binning
                mark(upTo: min(max(0, left) / binning, format.width))
                column = max(column, max(0, right) / binning)
            }
            mark(upTo: format.width)
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(cbor key: String, _ value: String) {
        append(cbor: key)
        append(cbor: value)
    }
    fileprivate mutating func append(cbor key: String, _ value: Double) {
        append(cbor: key)
        append(cbor: value)
    }
    fileprivate mutating func append(cbor key: String, _ value: Bool) {
        append(cbor: key)
        append(cbor: value)
    }
    fileprivate mutating func append(cbor key: String, _ value: some BinaryInteger) {
        append(cbor: key)
        append(cbor: value)
    }
}

extension DetectorType {
    fileprivate var sensorMaterial: String {
        switch self {
        case .eiger, .jungfrauRaw, .jungfrauConverted, .moench: "Si"
        case .gigafrost, .pco, .camera: ""
        }
    }

    /// In metres, what these detectors usually have; 0 when it is not known.
    fileprivate var sensorThickness: Double {
        switch self {
        case .eiger, .jungfrauRaw, .jungfrauConverted, .moench: 320e-6
        case .gigafrost, .pco, .camera: 0
        }
    }
}

extension PixelType {
    /// The highest value of a valid pixel: all ones stand for missing ones.
    fileprivate var saturation: UInt64 {
        switch self {
        case .uint8: 0xFE
        case .uint16: 0xFFFE
        case .uint32, .float32: 0xFFFF_FFFE
        case .int16: 0x7FFF
        case .int32: 0x7FFF_FFFF
        }
    }
}
