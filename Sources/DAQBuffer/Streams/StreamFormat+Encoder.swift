package import DAQCore

extension StreamFormat {
    /// A new encoder of this format.
    ///
    /// - Throws: ``StreamError`` when the format cannot show such images.
    package func makeEncoder(for stream: StreamDescription) throws(StreamError) -> any StreamEncoder {
        if stream.compression != .none, self == .array10 { throw .unsupported(self, reason: "cannot carry compressed pixels") }
        return switch self {
        case .array10: Array10Encoder(stream)
        case .bsread: try BsreadEncoder(stream)
        case .dectris: try DectrisEncoder(stream)
        case .metadata, .stdDAQ: preconditionFailure("this format has no pixels")
        case .sls: preconditionFailure("this format has an encoder for every port")
        }
    }

    /// A new encoder of this format, if it tells about images without showing them.
    func makeMetadataEncoder(for run: RunDescription) -> (any MetadataEncoder)? {
        switch self {
        case .metadata: JSONMetadataEncoder(run)
        case .stdDAQ: StdDAQMetadataEncoder(type: run.configuration.type)
        default: nil
        }
    }
}
