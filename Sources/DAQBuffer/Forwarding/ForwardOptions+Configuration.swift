public import DAQCore

extension ForwardOptions {
    /// What a configuration says.
    ///
    /// - Parameter slots: of the ring, or this end's part of them when there are several; it never holds more than half.
    /// - Throws: ``ForwardError`` when the file of keys cannot be used.
    public init(_ configuration: ForwardConfiguration, format: ImageFormat, slots: Int) throws {
        self.init(configuration.isListening ? .listen : .connect, configuration.address)
        connections = configuration.connections
        partBytes = configuration.partBytes
        patience = configuration.patience
        keys = try configuration.keys.map { try ForwardKeys(contentsOf: $0) }
        window = window(for: format, slots: slots)
    }
}
