import DAQCore

/// The first page of the index: what the ring is, who owns it, and how far it is.
///
/// Offsets are part of the format that docs/ring-layout.md describes.
struct RingHeader: Sendable {
    /// "DAQRING1" in the order of the bytes.
    static let magic: UInt64 = 0x3147_4E49_5251_4144
    /// Changes whenever an offset or a meaning changes.
    static let version: UInt32 = 1
    /// Bytes of the header.
    static let bytes = RingIndexSize.headerBytes
    /// The byte of the index whose lock makes a process the owner.
    static let ownerByte = 0

    /// What the owner says about itself.
    enum State: UInt32, Sendable {
        case running = 1
        /// The owner has finished properly; no more images come.
        case ended = 2
        /// A new owner has made other objects of the same name.
        case replaced = 3
    }

    enum Offset {
        static let magic = 0
        static let version = 8
        static let headerBytes = 12
        static let layout = 16
        static let pixelType = 20
        static let width = 24
        static let height = 32
        static let slotCount = 40
        static let stride = 48
        static let slotBytes = 56
        static let streamCapacity = 64
        static let annotationBytes = 68
        static let descriptorOffset = 72
        static let descriptorBytes = 80
        static let orderOffset = 88
        static let idMapOffset = 96
        static let mapEntries = 104
        static let pixelsInode = 112
        static let leasesInode = 120
        static let idStep = 128
        static let preparedFor = 136
        static let lastSegment = 144
        static let lastID = 152
        static let detectorType = 160
        static let content = 164
        static let ownerEpoch = 192
        static let ownerPID = 200
        static let ownerStartedAt = 208
        static let state = 216
        static let pixelsName = 256
        static let published = 512
        static let event = 520
        static let refused = 528
    }

    let words: SharedWords

    /// The codes of the types of detectors, from 1; new ones come last.
    static let detectorTypes: [DetectorType] = [
        .eiger, .jungfrauRaw, .jungfrauConverted, .moench, .gigafrost, .pco, .camera,
    ]
    /// The codes of what images hold, from 1.
    static let contents: [RingConfiguration.Content] = [.raw, .corrected]
    /// The codes of the pixel types.
    static let pixelTypes: [PixelType] = [.uint8, .uint16, .uint32, .int16, .int32, .float32]

    /// Writes what never changes, except the magic number, which makes the index valid.
    func describe(_ geometry: RingGeometry, pixelsName: String, pixelsInode: UInt64, leasesInode: UInt64, idStep: UInt64) {
        words.store32(Offset.version, Self.version)
        words.store32(Offset.headerBytes, UInt32(Self.bytes))
        words.store32(Offset.layout, geometry.layout == .native ? 0 : 1)
        words.store32(Offset.pixelType, UInt32((Self.pixelTypes.firstIndex(of: geometry.format.pixelType) ?? 0) + 1))
        words.store64(Offset.width, UInt64(geometry.format.width))
        words.store64(Offset.height, UInt64(geometry.format.height))
        words.store64(Offset.slotCount, UInt64(geometry.slotCount))
        words.store64(Offset.stride, UInt64(geometry.stride))
        words.store64(Offset.slotBytes, UInt64(geometry.slotBytes))
        words.store32(Offset.streamCapacity, UInt32(geometry.streamCapacity))
        words.store32(Offset.annotationBytes, UInt32(geometry.annotationBytes))
        words.store64(Offset.descriptorOffset, UInt64(geometry.index.descriptorOffset))
        words.store64(Offset.descriptorBytes, UInt64(geometry.index.descriptorBytes))
        words.store64(Offset.orderOffset, UInt64(geometry.index.orderOffset))
        words.store64(Offset.idMapOffset, UInt64(geometry.index.idMapOffset))
        words.store64(Offset.mapEntries, UInt64(geometry.index.mapEntries))
        words.store64(Offset.pixelsInode, pixelsInode)
        words.store64(Offset.leasesInode, leasesInode)
        words.store64(Offset.idStep, idStep)
        let name = Array(pixelsName.utf8.prefix(255))
        words.part(Offset.pixelsName..<Offset.pixelsName + name.count).copyBytes(from: name)
    }

    /// What the index says the ring is; `nil` when it is not an index of this version, or its numbers make no ring.
    var geometry: RingGeometry? {
        func number(_ offset: Int) -> Int? { Int(exactly: words.load64(offset)) }
        guard words.load64(Offset.magic) == Self.magic, words.load32(Offset.version) == Self.version,
            let layout = [0: RingConfiguration.Layout.native, 1: .stdDAQ][words.load32(Offset.layout)],
            case let code = Int(words.load32(Offset.pixelType)), Self.pixelTypes.indices.contains(code - 1),
            let width = number(Offset.width), let height = number(Offset.height), let slots = number(Offset.slotCount),
            let slotBytes = number(Offset.slotBytes), width <= 1 << 24, height <= 1 << 24
        else { return nil }
        let geometry = RingGeometry(
            format: ImageFormat(width: width, height: height, pixelType: Self.pixelTypes[code - 1]), layout: layout,
            slotCount: slots, slotBytes: slotBytes, streamCapacity: Int(words.load32(Offset.streamCapacity)),
            annotationBytes: Int(words.load32(Offset.annotationBytes)))
        // The places follow from the sizes; an index that says otherwise is not one of ours.
        guard let geometry, number(Offset.stride) == geometry.stride, number(Offset.mapEntries) == geometry.index.mapEntries,
            number(Offset.descriptorOffset) == geometry.index.descriptorOffset,
            number(Offset.descriptorBytes) == geometry.index.descriptorBytes,
            number(Offset.orderOffset) == geometry.index.orderOffset,
            number(Offset.idMapOffset) == geometry.index.idMapOffset
        else { return nil }
        return geometry
    }

    /// Writes what the images are of.
    func describe(_ type: DetectorType, _ content: RingConfiguration.Content) {
        words.store32(Offset.detectorType, UInt32((Self.detectorTypes.firstIndex(of: type) ?? -1) + 1))
        words.store32(Offset.content, UInt32((Self.contents.firstIndex(of: content) ?? -1) + 1))
    }

    /// The type of the detector; `nil` where the owner does not tell.
    var detectorType: DetectorType? { Self.value(of: words.load32(Offset.detectorType), in: Self.detectorTypes) }
    /// What the images hold; `nil` where the owner does not tell.
    var content: RingConfiguration.Content? { Self.value(of: words.load32(Offset.content), in: Self.contents) }

    private static func value<Value>(of code: UInt32, in values: [Value]) -> Value? {
        (1...values.count).contains(Int(code)) ? values[Int(code) - 1] : nil
    }

    /// Whether two open objects are those that belong to this index, and not newer ones of the same names.
    func isOf(pixels: SharedObject, leases: SharedObject) -> Bool {
        words.load64(Offset.pixelsInode) == pixels.inode && words.load64(Offset.leasesInode) == leases.inode
    }

    /// The name of the object with the pixels.
    var pixelsName: String {
        String(decoding: words.part(Offset.pixelsName..<Offset.pixelsName + 256).prefix { $0 != 0 }, as: UTF8.self)
    }

    /// What the owner says about itself; `nil` for a number that has no meaning.
    var state: State? { State(rawValue: words.load32(Offset.state)) }
    /// Counts the owners that the objects have had.
    var ownerEpoch: UInt64 { words.load64(Offset.ownerEpoch) }
    /// Process number of the owner: for people, never to decide anything.
    var ownerPID: UInt64 { words.load64(Offset.ownerPID) }
    /// Images published so far, by all owners; the number of the newest image.
    var published: UInt64 { words.load64(Offset.published) }
    /// Which image was published last, or was about to be; it may be overwritten, or may never have been there.
    ///
    /// Written before the image itself, so that no image has a later segment.
    var last: ImageIdentity {
        get { ImageIdentity(segment: words.load32(Offset.lastSegment), id: words.load64(Offset.lastID)) }
        nonmutating set {
            words.store32(Offset.lastSegment, newValue.segment)
            words.store64(Offset.lastID, newValue.id)
        }
    }
    /// Distance of consecutive ids.
    var idStep: UInt64 { words.load64(Offset.idStep) }
    /// Images that found no free slot, of this owner.
    var refused: UInt64 { words.load64(Offset.refused) }
}
