package import DAQCore

/// What the headers of a message say about the image in it; everything here was checked.
package struct StreamedImage: Sendable, Equatable {
    /// The image id.
    package var id: UInt64
    /// The pulse id; 0 when the message has none.
    package var pulseID: UInt64 = 0
    /// The sender's time stamp in ticks of 100 ns since 1970; 0 when the message has none.
    package var timestamp: UInt64 = 0
    /// Shape and pixel type.
    package var format: ImageFormat
    /// How the pixels are written.
    package var encoding = StreamCompression.none
    /// Whether the pixels, and the numbers of their encoding, have their highest byte first.
    package var isBigEndian = false
    /// The part of the message that has the pixels, if they are in the message.
    package var payloadPart = 0
    /// Whether the sender says that nothing is missing in it.
    package var isComplete = true
    /// Whether the pixels are certain to be those of this image.
    package var isVerified = true
    /// The detector's information word.
    package var information: UInt32 = 0

    /// An image with raw little-endian pixels.
    package init(id: UInt64, format: ImageFormat, payloadPart: Int = 0) {
        self.id = id
        self.format = format
        self.payloadPart = payloadPart
    }

    /// Bytes of the longest header that is read.
    static let longestHeader = 1 << 20

    /// The shape that a header gives, slowest dimension first, when an image can have it.
    ///
    /// - Throws: ``StreamRefusal``.
    static func format(rows: Int, columns: Int, type: String) throws(StreamRefusal) -> ImageFormat {
        let sides = 1...DetectorConfiguration.maximumImageSide
        guard sides.contains(rows), sides.contains(columns) else {
            throw .header("an image of \(columns) x \(rows) pixels; sides of 1 to \(sides.upperBound) are possible")
        }
        guard let pixelType = PixelType(rawValue: type) else { throw .pixelType(type) }
        return ImageFormat(width: columns, height: rows, pixelType: pixelType)
    }

    /// A time in ticks of 100 ns, or 0 when it does not fit.
    static func ticks(seconds: UInt64, nanoseconds: UInt64) -> UInt64 {
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 10_000_000)
        let (sum, overflowAgain) = whole.addingReportingOverflow(nanoseconds / 100)
        return overflow || overflowAgain ? 0 : sum
    }
}
