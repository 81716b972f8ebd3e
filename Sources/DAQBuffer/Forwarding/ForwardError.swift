/// Why images cannot be forwarded.
public enum ForwardError: Error, Equatable, CustomStringConvertible {
    /// A file of keys cannot be used.
    case keyFile(String, reason: String)
    /// A file of keys names too few or too many others.
    case peers(String, count: Int, isListening: Bool)
    /// Parts are too small for these images.
    case parts(imageBytes: Int, partBytes: Int)

    /// The ring has a place for each id, but room is made before the ids are known.
    case layout

    /// What went wrong and what to do about it.
    public var description: String {
        switch self {
        case .keyFile(let path, let reason): "the key file \(path) cannot be used: \(reason) (daqctl keys makes one)"
        case .peers(let path, _, true):
            "\(path) names nobody who may connect; add the public key of the other end: daqctl keys \(path) --peer KEY"
        case .peers(let path, let count, false):
            "\(path) names \(count) peers, and the end that connects needs exactly one: the public key of the end that listens"
        case .parts(let imageBytes, let partBytes):
            "images of \(imageBytes) bytes would have more than \(ImageParts.limit) parts of \(partBytes) bytes; make parts larger"
        case .layout: "images from another host need ring.layout native; std-daq readers cannot follow them here"
        }
    }
}
