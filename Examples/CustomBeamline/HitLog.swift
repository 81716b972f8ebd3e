import DAQCore
import Glibc

/// Writes one line for every hit to standard output: segment, image id, and what stages said.
final class HitLog: ImageSink {
    let name = "hit log"

    func open(_ run: RunDescription) throws {
        print("hits of \(run.configuration.name): segment, image, annotations")
        fflush(nil)
    }

    func accept(_ image: Image) throws {
        var line = "hit \(image.metadata.segment) \(image.metadata.id)"
        for annotation in image.metadata.annotations {
            if case .integer(let value) = annotation.value { line += " \(annotation.name)=\(value)" }
        }
        print(line)
        // Every line at once, also into a pipe; a full disk shows here.
        guard fflush(nil) == 0 else { throw HitLogError(code: errno) }
    }

    func close() throws {}
}

/// Why a line could not be written.
struct HitLogError: Error, CustomStringConvertible {
    let code: Int32
    var description: String { "cannot write to standard output: \(String(cString: strerror(code)))" }
}
