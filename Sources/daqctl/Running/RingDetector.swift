import DAQBuffer
import DAQCore

/// What is known about the detector behind a ring.
enum RingDetector {
    /// The configuration in a file, if it fits the ring; without one, what the ring tells: not much.
    ///
    /// - Throws: ``CommandFailure`` when the images of the ring are not those of the configuration.
    static func configuration(
        of reader: ImageRingReader, describedBy path: String?, _ reporter: Reporter
    ) throws -> DetectorConfiguration {
        guard let path else { return configuration(of: reader) }
        let detector = try reporter.document(path, settings: [], strict: false).configuration
        guard detector.imageFormat == reader.format else { throw CommandFailure(reason: difference(path, detector, reader)) }
        return detector
    }

    /// What a ring tells about its detector.
    static func configuration(of reader: ImageRingReader) -> DetectorConfiguration {
        var configuration = DetectorConfiguration(
            name: reader.name, type: reader.detectorType ?? .camera, moduleCount: 1, bitDepth: 8 * reader.format.pixelType.bytes,
            imageWidth: reader.format.width, imageHeight: reader.format.height, startUDPPort: 0, modulePositions: [:])
        configuration.ring.content = reader.content
        configuration.imageIDStep = reader.idStep
        return configuration
    }

    /// Why a configuration does not fit a ring.
    static func difference(_ path: String, _ detector: DetectorConfiguration, _ reader: ImageRingReader) -> String {
        let found = reader.format
        return "the images of ring \(reader.name) are \(found.width) x \(found.height) \(found.pixelType) pixels, those of "
            + "\(path) \(detector.imageWidth) x \(detector.imageHeight) \(detector.imageFormat.pixelType); give the "
            + "configuration that the ring was made with"
    }
}
