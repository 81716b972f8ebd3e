public import DAQCore

/// Why a message of a stream was refused.
public enum StreamRefusal: Error, Equatable, CustomStringConvertible {
    /// The message has other parts than its format.
    case parts(Int, expected: String)
    /// The header cannot be read, or says nothing possible.
    case header(String)
    /// The pixels have another length than the header says.
    case length(Int, expected: Int)
    /// The compressed pixels are damaged.
    case damaged(String)
    /// It is another kind of stream.
    case stream(String, expected: String)
    /// The shape is not the one of a picture.
    case shape([Int])
    /// The pixels are of a type that images do not have here.
    case pixelType(String)
    /// The image has another shape or pixel type than the ones before, or than the configuration says.
    case format(ImageFormat, expected: ImageFormat)
    /// There is no image in the wanted channel.
    case channel(String)
    /// The pixels are compressed in a way that this program cannot read.
    case encoding(String)
    /// The image was overwritten in the memory of another program before it was copied.
    case overwritten(id: UInt64)
    /// The memory in which the pixels should be cannot be read.
    case noPixels(String)

    /// What was expected, what was found, and what to do about it.
    public var description: String {
        switch self {
        case .parts(let found, let expected): "expected \(expected), found \(found) parts"
        case .header(let found): "the header is not usable: \(found)"
        case .length(let found, let expected): "expected \(expected) bytes of pixels, as the header says, found \(found)"
        case .damaged(let found): "the compressed pixels are damaged: \(found)"
        case .stream(let found, let expected):
            "expected a message of kind \(expected), found \(found); is the format of the stream right?"
        case .shape(let found): "expected a shape of two numbers, found \(found)"
        case .pixelType(let found):
            "pixels of type \(found.debugDescription); known are \(PixelType.allCases.map(\.rawValue).joined(separator: ", "))"
        case .format(let found, let expected):
            "expected \(expected.words), found \(found.words); the first image says what is expected, or the configuration "
                + "where there is one (image_pixel_width, image_pixel_height, bit_depth and source.pixel_type)"
        case .channel(let found):
            "expected an image, found \(found); --channel, or source.channel of a configuration, names the channel"
        case .encoding(let found): found
        case .overwritten(let id):
            "image \(id) was overwritten before it could be copied: this host is too busy, or the services' ram_buffer_gb too small"
        case .noPixels(let found): found
        }
    }

    /// Where the ledger counts such a message.
    package enum Verdict: Sendable, Equatable {
        case malformed(MalformedReason)
        case foreign(ForeignReason)
        case discarded(DiscardReason)
    }

    /// The reason under which the ledger counts it.
    package var verdict: Verdict {
        switch self {
        case .parts: .malformed(.parts)
        case .header: .malformed(.header)
        case .length, .damaged: .malformed(.payload)
        case .stream: .foreign(.stream)
        case .shape, .pixelType, .format: .foreign(.format)
        case .channel: .foreign(.channel)
        case .encoding: .foreign(.encoding)
        case .overwritten: .discarded(.overwritten)
        case .noPixels: .discarded(.noPixels)
        }
    }

    /// Why the image, which the message tells of, is lost; `nil` when the message tells of none that can be.
    var loss: ImageDropReason? {
        switch self {
        case .overwritten: .overwritten
        case .noPixels: .noPixels
        default: nil
        }
    }
}

extension ImageFormat {
    fileprivate var words: String { "\(width) x \(height) pixels of \(pixelType.rawValue)" }
}
