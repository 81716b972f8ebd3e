/// How the bytes of an image are cut into parts that travel one by one: equal ones, only the last may be shorter.
struct ImageParts: Equatable {
    /// Bytes of an image.
    let imageBytes: Int
    /// Bytes of a part.
    let partBytes: Int

    /// The most parts an image may have.
    static let limit = 65_536

    /// - Returns: `nil` when an image would have none, or too many.
    init?(imageBytes: Int, partBytes: Int) {
        guard imageBytes > 0, partBytes > 0, (imageBytes - 1) / partBytes < Self.limit else { return nil }
        self.imageBytes = imageBytes
        self.partBytes = partBytes
    }

    /// Number of parts of an image.
    var count: Int { (imageBytes - 1) / partBytes + 1 }

    /// Where a part lies in the image.
    ///
    /// - Precondition: `part` is below ``count``.
    func range(of part: Int) -> Range<Int> {
        precondition(part >= 0 && part < count)
        return part * partBytes..<min(imageBytes, (part + 1) * partBytes)
    }
}
