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
        case .sls: preconditionFailure("this format has an encoder for every port")
        }
    }
}
