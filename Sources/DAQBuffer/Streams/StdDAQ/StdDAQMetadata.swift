public import DAQCore

/// What the services of std-daq tell each other about an image: `ImageMetadata` of the protobuf package `std_daq_protocol`.
///
/// The pixels lie in the shared memory object `<detector_name>-image`.
public struct StdDAQMetadata: Sendable, Hashable {
    /// `status`.
    public enum Status: UInt64, Sendable { case undefined, good, missingPackets, mismatch }
    /// `compression` of the pixels in the slot.
    public enum Compression: UInt64, Sendable { case none, bitshuffleLZ4, blosc2 }
    /// What only one kind of detector says.
    public enum Detector: Sendable, Hashable {
        /// `jf` with `daq_rec`.
        case jungfrau(daqRecord: UInt64)
        /// `eg` with `exptime`.
        case eiger(exposureTime: UInt64)
        /// `gf` or `pco`: their number and bytes.
        case other(field: UInt64, [UInt8])
    }

    /// `image_id`.
    public var id: UInt64
    /// `height`, `width` and `dtype`.
    public var format: ImageFormat
    /// `size` in the slot, in bytes.
    public var size: Int
    /// `status`.
    public var status: Status
    /// `compression`.
    public var compression: Compression
    /// The detector's own fields, if there are any.
    public var detector: Detector?

    /// Longer messages are refused; std-daq's own have some 50 bytes.
    public static let maximumBytes = 4096
    /// Larger images are refused.
    static let maximumImageBytes = 1 << 40

    /// The metadata of an uncompressed image.
    public init(_ metadata: ImageMetadata, of format: ImageFormat, type: DetectorType) {
        id = metadata.id
        self.format = format
        size = format.bytes
        status = metadata.status == .good ? .good : .missingPackets
        compression = .none
        detector =
            switch type {
            case .jungfrauRaw, .jungfrauConverted: .jungfrau(daqRecord: UInt64(metadata.information))
            case .eiger: .eiger(exposureTime: 0)
            default: nil
            }
    }

    /// Reads a message.
    ///
    /// - Throws: ``StdDAQError`` for everything that is no metadata of a possible image.
    public init(protobuf bytes: [UInt8]) throws(StdDAQError) {
        guard bytes.count <= Self.maximumBytes else { throw .malformed("\(bytes.count) bytes are too long") }
        var reader = ProtobufReader(bytes[...])
        // A field that is not there is 0; of one that is there twice the last one counts.
        var numbers = [UInt64](repeating: 0, count: 8)
        detector = nil
        while let (field, value) = try reader.next() {
            switch (field, value) {
            case (1...7, .number(let number)): numbers[Int(field)] = number
            case (8...11, .bytes(let bytes)): detector = try Detector(field: field, bytes)
            case (1...11, _): throw .malformed("field \(field) has another type")
            default: break
            }
        }
        guard let type = PixelType(stdDAQ: numbers[5]) else { throw .unsupported("pixels of the dtype \(numbers[5])") }
        guard let status = Status(rawValue: numbers[6]) else { throw .unsupported("the status \(numbers[6])") }
        guard let compression = Compression(rawValue: numbers[7]) else { throw .unsupported("the compression \(numbers[7])") }
        let side = 1...UInt64(DetectorConfiguration.maximumImageSide)
        guard side.contains(numbers[2]), side.contains(numbers[3]) else {
            throw .malformed("an image of \(numbers[3]) × \(numbers[2]) pixels")
        }
        id = numbers[1]
        format = ImageFormat(width: Int(numbers[3]), height: Int(numbers[2]), pixelType: type)
        guard numbers[4] <= UInt64(Self.maximumImageBytes), compression != .none || numbers[4] == UInt64(format.bytes) else {
            throw .malformed("\(numbers[4]) bytes for \(format.width) × \(format.height) pixels of \(type)")
        }
        size = Int(numbers[4])
        self.status = status
        self.compression = compression
    }

    /// Appends the message.
    public func appendProtobuf(to bytes: inout [UInt8]) {
        bytes.append(field: 1, id)
        bytes.append(field: 2, UInt64(format.height))
        bytes.append(field: 3, UInt64(format.width))
        bytes.append(field: 4, UInt64(size))
        bytes.append(field: 5, format.pixelType.stdDAQ)
        bytes.append(field: 6, status.rawValue)
        bytes.append(field: 7, compression.rawValue)
        switch detector {
        case nil: break
        case .jungfrau(let number): bytes.append(field: 9, message: number)
        case .eiger(let number): bytes.append(field: 10, message: number)
        case .other(let field, let content): bytes.append(field: Int(field), bytes: content)
        }
    }
}

extension StdDAQMetadata.Detector {
    fileprivate init(field: UInt64, _ bytes: ArraySlice<UInt8>) throws(StdDAQError) {
        guard field == 9 || field == 10 else {
            self = .other(field: field, Array(bytes))
            return
        }
        var reader = ProtobufReader(bytes)
        var number: UInt64 = 0
        while let (field, value) = try reader.next() {
            guard field == 1 else { continue }
            guard case .number(let found) = value else { throw .malformed("a detector's field has another type") }
            number = found
        }
        self = field == 9 ? .jungfrau(daqRecord: number) : .eiger(exposureTime: number)
    }
}

extension [UInt8] {
    /// Appends a message whose only field is a number.
    fileprivate mutating func append(field: Int, message number: UInt64) {
        append(varint: UInt64(field) << 3 | 2)
        let start = count
        append(0)
        append(field: 1, number)
        // A field of one number has at most 11 bytes, so that its length is one byte.
        self[start] = UInt8(count - start - 1)
    }
}

extension PixelType {
    /// `dtype` of std-daq.
    var stdDAQ: UInt64 {
        switch self {
        case .uint8: 1
        case .uint16: 2
        case .uint32: 4
        case .int16: 12
        case .int32: 14
        case .float32: 24
        }
    }

    init?(stdDAQ number: UInt64) {
        guard let type = Self.allCases.first(where: { $0.stdDAQ == number }) else { return nil }
        self = type
    }
}

/// Why a message of std-daq cannot be used.
public enum StdDAQError: Error, Equatable, CustomStringConvertible {
    /// It is no such message, or it contradicts itself.
    case malformed(String)
    /// It means something that this version cannot do.
    case unsupported(String)

    /// What is wrong.
    public var description: String {
        switch self {
        case .malformed(let what): "not the metadata of an image: \(what)"
        case .unsupported(let what): "metadata of an image that cannot be read: \(what)"
        }
    }
}
