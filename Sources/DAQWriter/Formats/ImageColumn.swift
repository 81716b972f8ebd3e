import CDAQHDF5
import DAQCore

/// A number that every image has besides its pixels.
enum ImageColumn: CaseIterable {
    case id, segment, pulseID, status, missingPackets, detectorTimestamp, receivedAt, chainRevision

    /// The number of an image.
    func value(_ metadata: borrowing ImageMetadata) -> UInt64 {
        switch self {
        case .id: metadata.id
        case .segment: UInt64(metadata.segment)
        case .pulseID: metadata.pulseID
        case .status: UInt64(metadata.status.rawValue)
        case .missingPackets: UInt64(min(metadata.missingPackets, Int(UInt32.max)))
        case .detectorTimestamp: metadata.detectorTimestamp
        case .receivedAt: metadata.receivedAt
        case .chainRevision: metadata.chainRevision
        }
    }

    /// The type in the file.
    var fileType: hid_t {
        switch self {
        case .id, .pulseID, .detectorTimestamp, .receivedAt, .chainRevision: UInt64.hdf5Type
        case .segment, .missingPackets: UInt32.hdf5Type
        case .status: UInt8.hdf5Type
        }
    }
}
