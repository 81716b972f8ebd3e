import DAQCore

/// One message between the two ends, without pixels; docs/forwarding.md describes its bytes.
enum ForwardMessage: Equatable {
    /// Sender: who I am and what I send; the first message of every connection, and the answer to a state without a stream.
    case hello(ForwardHello)
    /// Sender: a part of an image; the pixels are the next frame of the message.
    ///
    /// Part 0 brings the metadata.
    case part(sequence: UInt64, index: UInt32, ImageMetadata?)
    /// Sender: ids of which nothing is sent.
    case gap(sequence: UInt64, ForwardGap)
    /// Sender: nothing follows.
    case end(sequence: UInt64)
    /// Sender: nothing new, but where are we?
    case beat
    /// Receiver: how far I am.
    case state(ForwardState)
    /// Receiver: I do not take this stream.
    case refusal(String)

    /// The first bytes of every message.
    static let magic: UInt32 = 0x4651_4144  // "DAQF"
    static let version: UInt16 = 1

    private var type: UInt8 {
        switch self {
        case .hello: 1
        case .part: 2
        case .gap: 3
        case .end: 4
        case .beat: 5
        case .state: 6
        case .refusal: 7
        }
    }

    private var sequence: UInt64 {
        switch self {
        case .hello(let hello): hello.base
        case .part(let sequence, _, _), .gap(let sequence, _), .end(let sequence): sequence
        case .state(let state): state.next
        case .beat, .refusal: 0
        }
    }

    /// The bytes of this message in a stream; 0 is no stream.
    func encoded(stream: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(Self.magic)
        writer.write(Self.version)
        writer.write(type)
        writer.write(UInt8(0))
        writer.write(stream)
        writer.write(sequence)
        switch self {
        case .hello(let hello):
            hello.write(to: &writer)
        case .part(_, let index, let metadata):
            writer.write(index)
            if let metadata { writer.write(metadata) }
        case .gap(_, let gap):
            writer.write(gap.segment)
            for number in [gap.first, gap.last, gap.step, gap.givenUp] { writer.write(number) }
        case .end, .beat:
            break
        case .state(let state):
            writer.write(state.limit)
            writer.write(state.session)
        case .refusal(let reason):
            writer.write(reason)
        }
        return writer.bytes
    }
}

/// Why a message was not understood.
enum ForwardMalformation: Error, Equatable {
    /// It does not begin with the magic, or is too short for a header.
    case foreign
    /// Another version of the protocol.
    case version(UInt16)
    /// A type that nobody knows, or a body that does not fit it.
    case body(type: UInt8)
}

extension ForwardMessage {
    /// Reads a message that came from outside.
    static func decode(_ bytes: [UInt8]) throws(ForwardMalformation) -> (stream: UInt64, message: ForwardMessage) {
        var reader = ByteReader(bytes)
        guard reader.read(UInt32.self) == magic, let version = reader.read(UInt16.self) else { throw .foreign }
        guard version == Self.version else { throw .version(version) }
        guard let type = reader.read(UInt8.self), reader.read(UInt8.self) != nil, let stream = reader.read(UInt64.self),
            let sequence = reader.read(UInt64.self)
        else { throw .foreign }
        guard let message = body(of: type, sequence: sequence, &reader), reader.remaining == 0 else { throw .body(type: type) }
        return (stream, message)
    }

    private static func body(of type: UInt8, sequence: UInt64, _ reader: inout ByteReader) -> ForwardMessage? {
        switch type {
        case 1:
            return ForwardHello(base: sequence, &reader).map { .hello($0) }
        case 2:
            guard let index = reader.read(UInt32.self) else { return nil }
            guard index == 0 else { return .part(sequence: sequence, index: index, nil) }
            return reader.readMetadata().map { .part(sequence: sequence, index: 0, $0) }
        case 3:
            guard let segment = reader.read(UInt32.self), let first = reader.read(UInt64.self),
                let last = reader.read(UInt64.self), let step = reader.read(UInt64.self), let givenUp = reader.read(UInt64.self),
                first <= last, step > 0, last - first < .max
            else { return nil }
            let gap = ForwardGap(segment: segment, first: first, last: last, step: step, givenUp: givenUp)
            return gap.count >= givenUp ? .gap(sequence: sequence, gap) : nil
        case 4: return .end(sequence: sequence)
        case 5: return .beat
        case 6:
            guard let limit = reader.read(UInt64.self), let session = reader.read(UInt64.self) else { return nil }
            return .state(ForwardState(session: session, next: sequence, limit: limit))
        case 7: return reader.readRemark().map { .refusal($0) }
        default: return nil
        }
    }
}
