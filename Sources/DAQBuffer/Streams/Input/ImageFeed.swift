import DAQCore

/// Where the images of a ``StreamReceiver`` come from; used by one thread at a time.
protocol ImageFeed: AnyObject {
    /// What is said about the next image, or why that cannot be used; `nil` when nothing came in time.
    ///
    /// Nothing of it is used before it was checked.
    func next(milliseconds: Int) throws(ZMQError) -> Result<StreamedImage, StreamRefusal>?

    /// Whether nothing was waiting at the last look, be it that something has come since.
    var wasEmpty: Bool { get }

    /// Makes sure that the pixels of such images can be had.
    ///
    /// - Throws: ``StreamRefusal`` when they cannot, for now.
    func prepare(for image: StreamedImage) throws(StreamRefusal)

    /// Whether the pixels of the image that came last can still be had, as far as is known.
    var isThere: Bool { get }

    /// Writes the pixels of the image that came last into a slot.
    ///
    /// - Throws: ``StreamRefusal``; what the slot holds then has no meaning.
    func read(_ image: StreamedImage, into slot: UnsafeMutableRawBufferPointer) throws(StreamRefusal)
}

extension SourceConfiguration {
    /// Connects; a sender that is not there yet may come later.
    ///
    /// - Parameter format: of the images, if it is known.
    func feed(of format: ImageFormat?) throws(ZMQError) -> any ImageFeed {
        switch self.format {
        case .array10: try MessageFeed(self, Array10Decoder(), format: format)
        case .bsread: try MessageFeed(self, BsreadDecoder(channel: channel), format: format)
        case .stdDAQ: try StdDAQFeed(self)
        }
    }
}
