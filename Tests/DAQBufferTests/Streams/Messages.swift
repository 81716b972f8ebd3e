import DAQCore
import Glibc
import Synchronization

@testable import DAQBuffer

/// The messages that an encoder makes of images, part by part.
enum Messages {
    /// The messages of images of 4 x 3 pixels, without begin and end.
    static func all(
        _ format: StreamFormat, compression: StreamCompression = .none, of pixels: [UInt16], ids: [UInt64]
    ) throws -> [[[UInt8]]] {
        let image = ImageFormat(width: 4, height: 3, pixelType: .uint16)
        let configuration = DetectorConfiguration(
            name: "camera", receiving: image, from: SourceConfiguration(address: "tcp://camera:1", format: .array10))
        let run = RunDescription(configuration: configuration, format: image, startedAt: 1_767_225_600_000_000_000)
        var encoder = try format.makeEncoder(
            for: StreamDescription(run: run, reduction: ImageReduction(of: run), compression: compression))
        return ids.map { id in
            var metadata = ImageMetadata(id: id)
            metadata.receivedAt = 1_767_225_600_000_000_000 + id * 1000
            var message = StreamMessage()
            encoder.encode(metadata, pixels: pixels.span.bytes, into: &message)
            let bytes = pixels.withUnsafeBytes { Array($0) }
            return message.parts.map { part in
                switch part {
                case .bytes(let range): Array(message.bytes[range])
                case .pixels: bytes
                case .joined(let range): message.bytes[range] + bytes
                }
            }
        }
    }
}

/// A thread that is waited for.
final class Thread: Sendable {
    private let thread: Mutex<pthread_t?>

    init(watching body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Body(run: body))
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, box.toOpaque())
        self.thread = Mutex(thread)
    }

    func join() { if let thread = thread.withLock({ $0.take() }) { pthread_join(thread, nil) } }

    static func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
