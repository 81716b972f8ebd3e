import CDAQLinux
import DAQCore

/// The description of one slot in the index.
///
/// The generation is even while the slot holds an image that does not change, and odd while the slot is being filled. A reader
/// that finds the same even generation before and after has read one image; the words in between are plain.
struct RingDescriptor {
    enum Offset {
        static let generation = 0
        static let publication = 8
        static let epoch = 16
        static let segment = 24
        static let status = 28
        static let id = 32
        static let pulseID = 40
        static let detectorTimestamp = 48
        static let receivedAt = 56
        static let information = 64
        static let informationDifference = 68
        static let expectedPackets = 72
        static let missingPackets = 76
        static let publishedAt = 80
        static let idsSkipped = 88
        static let state = 96
        static let missingStreams = 100
        static let missingListed = 104
        static let notesVersion = 112
        static let chainRevision = 120
        static let noteBytes = 128
        static let noteCount = 132
        static let notesTruncated = 136
    }
    /// Where the table of missing packets begins.
    static let tableOffset = RingIndexSize.fixedBytes

    /// What a slot holds while its generation is even.
    enum State: UInt32 {
        /// Nothing: it was never filled, or filling it ended without an image.
        case empty = 0
        case published = 1
    }

    let words: SharedWords
    let geometry: RingGeometry
    /// Where the descriptor begins.
    let start: Int

    init(_ words: SharedWords, _ geometry: RingGeometry, slot: Int) {
        self.words = words
        self.geometry = geometry
        start = geometry.descriptor(slot)
    }

    /// A word of 64 bits.
    func word(_ offset: Int) -> UInt64 { words.load64(start + offset) }
    /// A word of 32 bits.
    func half(_ offset: Int) -> UInt32 { words.load32(start + offset) }

    private func set(_ offset: Int, _ value: UInt64) { words.store64(start + offset, value) }
    private func set(_ offset: Int, _ value: UInt32) { words.store32(start + offset, value) }

    /// The generation, before anything else is read.
    var generation: UInt64 { word(Offset.generation) }

    /// Whether the slot still is what it was when its generation was read: to be asked after the last pixel was read.
    func isStill(_ generation: UInt64) -> Bool {
        cdaq_fence_reads()
        return self.generation == generation
    }

    // MARK: Owner

    /// Begins filling; whoever looks at the slot from now on finds an odd generation.
    ///
    /// - Returns: the generation before, for ``restore(_:)``.
    func beginFilling() -> UInt64 {
        let generation = self.generation
        words.exchange64(start + Offset.generation, generation | 1)
        return generation
    }

    /// Takes ``beginFilling()`` back: nothing of the image was touched.
    func restore(_ generation: UInt64) { words.exchange64(start + Offset.generation, generation) }

    /// Ends filling without an image.
    func empty() {
        set(Offset.state, State.empty.rawValue)
        cdaq_fence_writes()
        set(Offset.generation, (generation | 1) &+ 1)
    }

    /// Writes the description of a filled slot; ``commit()`` makes it valid.
    func describe(_ metadata: ImageMetadata, _ entry: PublicationCounter.Entry, epoch: UInt64, publishedAt: UInt64) {
        set(Offset.publication, entry.publication)
        set(Offset.epoch, epoch)
        set(Offset.segment, metadata.segment)
        set(Offset.status, UInt32(metadata.status.rawValue))
        set(Offset.id, metadata.id)
        set(Offset.pulseID, metadata.pulseID)
        set(Offset.detectorTimestamp, metadata.detectorTimestamp)
        set(Offset.receivedAt, metadata.receivedAt)
        set(Offset.information, metadata.information)
        set(Offset.informationDifference, metadata.informationDifference)
        set(Offset.expectedPackets, UInt32(clamping: metadata.expectedPackets))
        set(Offset.missingPackets, UInt32(clamping: metadata.missingPackets))
        set(Offset.publishedAt, publishedAt)
        set(Offset.idsSkipped, entry.idsSkipped)
        set(Offset.state, State.published.rawValue)
        let listed = metadata.missing.prefix(geometry.streamCapacity)
        set(Offset.missingStreams, UInt32(clamping: metadata.missing.count))
        set(Offset.missingListed, UInt32(listed.count))
        for (index, missing) in listed.enumerated() {
            let entry = start + Self.tableOffset + index * RingIndexSize.missingEntryBytes
            words.store32(entry, UInt32(clamping: missing.port))
            words.store32(entry + 4, UInt32(missing.packets.count))
            for word in 0..<PacketSet.capacity / 64 { words.store64(entry + 8 + word * 8, missing.packets.bits(word)) }
        }
        writeNotes(metadata)
    }

    /// Makes the image valid, after all pixels and the description.
    ///
    /// - Returns: its generation.
    func commit() -> UInt64 {
        let next = (generation | 1) &+ 1
        cdaq_fence_writes()
        set(Offset.generation, next)
        return next
    }

    /// Replaces what stages say about the image, which is held: its generation does not change.
    func annotate(_ metadata: ImageMetadata) {
        set(Offset.notesVersion, word(Offset.notesVersion) | 1)
        cdaq_fence_all()
        writeNotes(metadata)
        cdaq_fence_writes()
        set(Offset.notesVersion, word(Offset.notesVersion) &+ 1)
    }

    /// Ends what an owner had begun that died while it annotated.
    func dropNotes() {
        set(Offset.noteBytes, UInt32(0))
        set(Offset.noteCount, UInt32(0))
        cdaq_fence_writes()
        set(Offset.notesVersion, word(Offset.notesVersion) &+ 1)
    }

    private func writeNotes(_ metadata: ImageMetadata) {
        let notes = AnnotationBlob(metadata.annotations, limit: geometry.annotationBytes)
        set(Offset.chainRevision, metadata.chainRevision)
        set(Offset.noteBytes, UInt32(notes.bytes.count))
        set(Offset.noteCount, UInt32(notes.count))
        set(Offset.notesTruncated, UInt32(notes.isTruncated ? 1 : 0))
        let first = start + geometry.annotationOffset
        words.part(first..<first + notes.bytes.count).copyBytes(from: notes.bytes)
    }

    // MARK: Reader

    /// The description, which is only worth something when the generation is the same afterwards.
    func metadata() -> ImageMetadata {
        var metadata = ImageMetadata(id: word(Offset.id))
        metadata.segment = half(Offset.segment)
        metadata.pulseID = word(Offset.pulseID)
        metadata.detectorTimestamp = word(Offset.detectorTimestamp)
        metadata.receivedAt = word(Offset.receivedAt)
        metadata.information = half(Offset.information)
        metadata.informationDifference = half(Offset.informationDifference)
        metadata.expectedPackets = Int(half(Offset.expectedPackets))
        metadata.status = UInt8(exactly: half(Offset.status)).flatMap(ImageStatus.init) ?? .missingPackets
        for index in 0..<min(Int(half(Offset.missingListed)), geometry.streamCapacity) {
            let entry = start + Self.tableOffset + index * RingIndexSize.missingEntryBytes
            var packets = PacketSet()
            for word in 0..<PacketSet.capacity / 64 { packets.setBits(word, words.load64(entry + 8 + word * 8)) }
            metadata.missing.append(MissingPackets(port: Int(words.load32(entry)), packets: packets))
        }
        readNotes(into: &metadata)
        return metadata
    }

    /// Reads what stages say; while it is being replaced, a few times.
    private func readNotes(into metadata: inout ImageMetadata) {
        for _ in 0..<1000 {
            let version = word(Offset.notesVersion)
            guard version & 1 == 0 else { continue }
            let revision = word(Offset.chainRevision)
            let count = min(Int(half(Offset.noteBytes)), geometry.annotationBytes)
            let first = start + geometry.annotationOffset
            let bytes = Array(words.part(first..<first + count))
            cdaq_fence_reads()
            guard word(Offset.notesVersion) == version else { continue }
            metadata.chainRevision = revision
            metadata.annotations = AnnotationBlob.annotations(in: bytes)
            return
        }
    }
}
