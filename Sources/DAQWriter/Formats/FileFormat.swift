/// How a file is laid out.
///
/// docs/file-format.md describes each layout. A format is a value that says where things go (``FileNode``); what writes
/// files, splits them and puts them together again is the same for all of them.
public enum FileFormat: String, Sendable, Hashable, CaseIterable {
    /// A plain NeXus image stack.
    case stack
    /// NXmx, the NeXus application definition of macromolecular crystallography, at the same paths as ``stack``.
    case nxmx
    /// The two datasets of the PSI std-daq writer: `/<detector>/data` and `/<detector>/metadata`.
    case stdDAQ = "std-daq"

    /// Everything a file of this format has.
    func nodes(for contents: FileContents) -> [FileNode] {
        switch self {
        case .stack: Self.stackNodes(contents)
        case .nxmx: Self.nxmxNodes(contents)
        case .stdDAQ: Self.stdDAQNodes(contents)
        }
    }

    /// Attributes of the root.
    var rootAttributes: [(String, FileAttribute)] {
        switch self {
        case .stack: [("default", .text("entry"))]
        case .nxmx: [("NX_class", .text("NXroot")), ("default", .text("entry"))]
        case .stdDAQ: []
        }
    }

    /// Where the time of the end is written; `nil` when the format has no place for it.
    var endTimePath: String? { self == .stdDAQ ? nil : "entry/end_time" }
}
