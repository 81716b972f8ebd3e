import DAQCore

// A format is a value that says where things go (``FileNode``); what writes files, splits them and puts them together again
// is the same for all of them.
extension FileFormat {
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
