import DAQCore

/// The objects of a ring, opened by a reader and checked against each other.
struct OpenedRing {
    let geometry: RingGeometry
    let header: RingHeader
    let leases: LeaseTable
    let pixels: Mapping
    let index: SharedObject
    let leaseObject: SharedObject

    /// Opens the objects of a ring.
    init(_ name: String) throws(RingError) {
        let names = try RingNames(name)
        var problem = RingError.absent(name: name, existing: [])
        // An owner makes or replaces the three objects one after the other; that takes as long as its memory needs.
        for attempt in 0..<200 {
            do throws(RingError) {
                self = try OpenedRing(names)
                return
            } catch {
                problem = error
                guard case .foreign = error, attempt < 199 else { break }
                Pause.milliseconds(10)
            }
        }
        if case .absent = problem { problem = .absent(name: name, existing: RingNames.existing()) }
        throw problem
    }

    private init(_ names: RingNames) throws(RingError) {
        guard let index = try SharedObject.open(names.index, writable: false) else {
            throw .absent(name: names.ring, existing: [])
        }
        guard index.size >= RingHeader.bytes else {
            throw .foreign(name: names.index, reason: "it has no header; its owner has not finished making it, or died")
        }
        let first = RingHeader(words: SharedWords(mapping: try index.map(RingHeader.bytes, writable: false)))
        guard let geometry = first.geometry else {
            throw .foreign(name: names.index, reason: "it is not a ring of layout version \(RingHeader.version), or not finished")
        }
        let real = try RingNames(names.ring, pixels: first.pixelsName)
        guard index.size >= geometry.index.indexBytes, let pixels = try SharedObject.open(real.pixels, writable: false),
            let leases = try SharedObject.open(names.leases, writable: true), pixels.size >= geometry.pixelBytes,
            leases.size >= geometry.index.leaseBytes, first.isOf(pixels: pixels, leases: leases)
        else { throw .foreign(name: names.index, reason: "its other objects are gone or belong to another ring") }
        self.geometry = geometry
        self.index = index
        leaseObject = leases
        header = RingHeader(words: SharedWords(mapping: try index.map(geometry.index.indexBytes, writable: false)))
        self.leases = LeaseTable(
            words: SharedWords(mapping: try leases.map(geometry.index.leaseBytes, writable: true)), slotCount: geometry.slotCount)
        self.pixels = try pixels.map(geometry.pixelBytes, writable: false)
        guard self.leases.isValid else { throw .foreign(name: names.leases, reason: "it is not a table of leases") }
    }
}
