public import DAQCore
import Synchronization

extension ImageRing: ImageHistory {
    /// The images that have not been overwritten, in the order in which they were published.
    public var history: [PublishedImage] {
        // Nothing is overwritten meanwhile.
        state.withLock { _ in
            (0..<slotCount).compactMap { slot in
                let descriptor = descriptor(slot)
                guard descriptor.holdsImage else { return nil }
                return PublishedImage(descriptor.key, publication: descriptor.word(RingDescriptor.Offset.publication))
            }
        }.sorted { $0.publication < $1.publication }
    }

    /// Takes an image that has not been overwritten; its slot is free again when the last copy is gone.
    ///
    /// Of an image that lacks packets in more streams than the index has room for, only some are listed.
    public func image(_ key: ImageKey) -> Image? {
        state.withLock { state in
            func holds(_ slot: Int) -> Bool { descriptor(slot).holdsImage && descriptor(slot).key == key }
            let maps = RingMaps(objects.header.words, geometry, idStep: objects.header.idStep)
            // Another image may have taken its place in the map.
            let mapped = maps.slot(ofID: key.id).flatMap { holds($0) ? $0 : nil }
            guard let slot = mapped ?? (0..<slotCount).first(where: holds), state.queue.holdAgain(slot) else { return nil }
            let held = descriptor(slot)
            return Image(
                metadata: held.metadata(), format: format, lease: lease(slot, held, generation: held.generation))
        }
    }
}

extension RingDescriptor {
    /// Whether the slot holds an image and is not being filled.
    fileprivate var holdsImage: Bool { generation & 1 == 0 && half(Offset.state) == State.published.rawValue }

    /// What tells its image from all others.
    fileprivate var key: ImageKey { ImageKey(segment: half(Offset.segment), id: word(Offset.id)) }
}
