import DAQBuffer
import DAQCore
import DAQWriter

/// The file that a command writes while it receives.
struct FileWriting {
    private let request: WriteRequest
    private let roots: WriteRoots
    private let configurationText: String?

    /// The file of an output, which may be a folder.
    init(
        _ output: FileNameTemplate, _ arguments: FileArguments, _ configuration: WriterConfiguration, overwrites: Bool,
        configurationText: String? = nil
    ) throws {
        var (request, roots) = try arguments.request(output: output, configuration)
        if roots.hasFolder(output.description) {
            request.output = try FileNameTemplate("\(output)/{detector}-{date}T{time}Z.h5")
        }
        request.overwrites = overwrites
        self.request = request
        self.roots = roots
        self.configurationText = configurationText
    }

    /// The sink that writes it.
    ///
    /// It holds at most three quarters of the ring while the disk is slow, so that streams and other processes get images all
    /// the same.
    func sink(for run: RunDescription, from ring: ImageRing, calibration: Calibration? = nil) -> SessionSink {
        let isNXmx = request.options.format == .nxmx
        let writer = SessionWriter(
            for: run, roots: roots, history: ring, limit: max(1, ring.slotCount * 3 / 4), configurationText: configurationText,
            name: "hdf5"
        ) { contents in
            if isNXmx { contents.pixelMask = try FileContents.pixelMask(of: run, calibration: calibration) }
        }
        return SessionSink(request, of: writer)
    }
}
