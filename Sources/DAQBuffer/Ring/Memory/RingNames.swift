import DAQCore
import Glibc

/// The names of the objects of a ring.
struct RingNames: Sendable, Hashable {
    /// Name of the ring.
    let ring: String
    /// The object with the pixels.
    let pixels: String
    private static let (prefix, suffix) = ("daq.", ".index")

    /// The object with everything that is known about the images.
    var index: String { Self.prefix + ring + Self.suffix }
    /// The object with the leases, the only one that readers may write.
    var leases: String { "\(Self.prefix)\(ring).leases" }

    /// Names for a ring in the native layout.
    init(_ ring: String) throws(RingError) { try self.init(ring, pixels: "daq.\(ring).pixels") }

    /// Names for a ring whose pixels the std-daq services find.
    init(stdDAQ ring: String) throws(RingError) { try self.init(ring, pixels: Self.stdDAQPixels(ring)) }

    /// Names for a ring whose index tells the name of the pixels.
    init(_ ring: String, pixels: String) throws(RingError) {
        guard RingConfiguration.isName(ring), Self.isName(pixels) else { throw .name(ring) }
        (self.ring, self.pixels) = (ring, pixels)
    }

    /// Where the std-daq services keep the images of a detector.
    static func stdDAQPixels(_ detector: String) -> String { "\(detector)-image" }

    /// A file name, as long as an index can tell it.
    private static func isName(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 32 && $0 != UInt8(ascii: "/") && $0 != 127 }
    }

    /// The rings that have an index on this host, by name.
    static func existing() -> [String] {
        guard let folder = opendir(SharedObject.folder) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.utf8.count > prefix.utf8.count + suffix.utf8.count
            else { continue }
            names.append(String(name.dropFirst(prefix.count).dropLast(suffix.count)))
        }
        return names.sorted()
    }
}
