import DAQCore

/// What an owner that has died has left in a ring, made sound again.
struct RingRemains {
    /// All slots: first those without an image, then the oldest image, at the end the newest.
    let order: [Int]
    /// The newest image, which may have been overwritten.
    let newest: (publication: UInt64, key: ImageIdentity)?
    let takeover: RingTakeover

    /// Looks at every slot; what was being filled holds no image any more.
    init(_ objects: RingObjects) {
        var unfinished = 0
        var images: [(publication: UInt64, slot: Int)] = []
        var empty: [Int] = []
        for slot in 0..<objects.geometry.slotCount {
            let descriptor = RingDescriptor(objects.header.words, objects.geometry, slot: slot)
            if descriptor.generation & 1 == 1 {
                descriptor.empty()
                unfinished += 1
            }
            if descriptor.half(RingDescriptor.Offset.state) == RingDescriptor.State.published.rawValue {
                if descriptor.word(RingDescriptor.Offset.notesVersion) & 1 == 1 { descriptor.dropNotes() }
                images.append((descriptor.word(RingDescriptor.Offset.publication), slot))
            } else {
                empty.append(slot)
            }
        }
        images.sort { $0.publication < $1.publication }
        order = empty + images.map(\.slot)
        let present = images.last.map { publication, slot in
            let descriptor = RingDescriptor(objects.header.words, objects.geometry, slot: slot)
            let key = ImageIdentity(
                segment: descriptor.half(RingDescriptor.Offset.segment), id: descriptor.word(RingDescriptor.Offset.id))
            return (publication: publication, key: key)
        }
        newest = Self.newest(present, objects.header)
        let last = images.count { _, slot in
            RingDescriptor(objects.header.words, objects.geometry, slot: slot).word(RingDescriptor.Offset.epoch)
                == objects.header.ownerEpoch
        }
        takeover = RingTakeover(
            earlierOwners: objects.header.ownerEpoch, images: images.count, imagesOfLastOwner: last, unfinished: unfinished,
            lastID: present?.key.id)
    }

    /// The image that was published last: counts go on from it although it may be there no more.
    private static func newest(
        _ present: (publication: UInt64, key: ImageIdentity)?, _ header: RingHeader
    ) -> (publication: UInt64, key: ImageIdentity)? {
        let published = header.published
        // An owner that dies between finishing an image and announcing it leaves one more than it has said.
        if let present, present.publication >= published { return present }
        return published > 0 ? (published, header.last) : nil
    }
}

/// What a new owner has found in the ring of one that had died.
public struct RingTakeover: Sendable, Equatable {
    /// Owners that the ring has had before.
    public let earlierOwners: UInt64
    /// Images that were there and can still be read.
    public let images: Int
    /// Those of them that the last owner has published; the others are of owners before it.
    public let imagesOfLastOwner: Int
    /// Slots that were being filled and hold nothing now.
    public let unfinished: Int
    /// Id of the newest image.
    public let lastID: UInt64?
}
