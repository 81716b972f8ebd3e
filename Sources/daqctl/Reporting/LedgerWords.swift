import DAQCore

/// How a reason of the ledger is called: by machines, which rely on the key for good, and by people.
protocol LedgerReason: Hashable, CaseIterable {
    /// Key in JSON.
    var key: String { get }
    /// What happened, in words.
    var words: String { get }
}

extension MalformedReason: LedgerReason {
    var key: String {
        switch self {
        case .length: "length"
        case .version: "version"
        case .packetNumber: "packet_number"
        case .bunchID: "bunch_id"
        case .parts: "parts"
        case .header: "header"
        case .payload: "payload"
        }
    }

    var words: String {
        switch self {
        case .length: "wrong length: do bit depth and payload of detector and configuration agree?"
        case .version: "unknown header version"
        case .packetNumber: "packet number outside the frame: does the detector read other rows than configured?"
        case .bunchID: "bunch id is no whole number: is bunch_id_format right?"
        case .parts: "a message with other parts than its format"
        case .header: "the header of a message cannot be used"
        case .payload: "the pixels are damaged, or not as many as the header says"
        }
    }
}

extension ForeignReason: LedgerReason {
    var key: String {
        switch self {
        case .detectorType: "detector_type"
        case .position: "position"
        case .stream: "stream"
        case .format: "format"
        case .channel: "channel"
        case .encoding: "encoding"
        }
    }

    var words: String {
        switch self {
        case .detectorType: "from another type of detector"
        case .position: "row and column name no module of the grid"
        case .stream: "another kind of stream: is the format right?"
        case .format: "an image of another shape or pixel type"
        case .channel: "no image in the channel"
        case .encoding: "pixels written in a way that cannot be read"
        }
    }
}

extension DiscardReason: LedgerReason {
    var key: String {
        switch self {
        case .noFreeSlot: "no_free_slot"
        case .unconfirmedJump: "unconfirmed_jump"
        case .unplaced: "unplaced"
        case .overwritten: "overwritten"
        case .noPixels: "no_pixels"
        }
    }

    var words: String {
        switch self {
        case .noFreeSlot: "no memory was free for their image"
        case .unconfirmedJump: "frame number jumped and no other packet confirmed it: a damaged header?"
        case .unplaced: "their module has no position in the configuration"
        case .overwritten: "their image was overwritten before it was copied"
        case .noPixels: "the memory with the pixels of their image cannot be read"
        }
    }
}

extension ImageDropReason: LedgerReason {
    var key: String {
        switch self {
        case .noFreeSlot: "no_free_slot"
        case .slotLeased: "slot_leased"
        case .overwritten: "overwritten"
        case .noPixels: "no_pixels"
        case .incomplete: "incomplete"
        case .notForwarded: "not_forwarded"
        }
    }

    var words: String {
        switch self {
        case .noFreeSlot: "no memory was free: a writer or stage is too slow; a larger ring.bytes bridges bursts"
        case .slotLeased: "their slot was held: a writer, stage or reader is too slow; a larger ram_buffer_gb bridges bursts"
        case .overwritten:
            "they were overwritten in the memory of another process before this one had them: this host is too busy"
        case .noPixels: "their pixels are in memory that cannot be read: a warning says why"
        case .incomplete: "packets were missing and the configuration says to drop such images"
        case .notForwarded: "the sending host gave them up: the network, or this host, was too slow"
        }
    }
}
