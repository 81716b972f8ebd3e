/// One member of a file, as a value: a group with members, a constant, or something that grows with the images.
struct FileNode {
    /// What a member is.
    indirect enum Content {
        case group([FileNode])
        case text(String)
        case reals([Double], shape: [Int])
        case integers([Int32], shape: [Int])
        case mask([UInt32], shape: [Int])
        /// A second name of another member.
        case link(to: String)
        /// The pixels, an image a row.
        case images
        /// One number an image.
        case column(ImageColumn)
        /// The id and status of every image, as the std-daq writer stores them.
        case stdDAQMetadata
        /// Which packets did not arrive.
        case missingPackets
        /// A group with a dataset for each name that stages use.
        case annotations
    }

    var name: String
    var content: Content
    var attributes: [(String, FileAttribute)] = []

    /// A group with a NeXus class.
    static func group(
        _ name: String, _ nexusClass: String, _ attributes: [(String, FileAttribute)] = [], _ members: [FileNode]
    ) -> FileNode {
        FileNode(name: name, content: .group(members), attributes: [("NX_class", .text(nexusClass))] + attributes)
    }

    /// A text of its own.
    static func text(_ name: String, _ text: String, _ attributes: [(String, FileAttribute)] = []) -> FileNode {
        FileNode(name: name, content: .text(text), attributes: attributes)
    }

    /// A single number, with its units.
    static func real(
        _ name: String, _ value: Double, units: String? = nil, _ attributes: [(String, FileAttribute)] = []
    ) -> FileNode {
        let units: [(String, FileAttribute)] = units.map { [("units", .text($0))] } ?? []
        return FileNode(name: name, content: .reals([value], shape: []), attributes: units + attributes)
    }

    /// A single integer.
    static func integer(_ name: String, _ value: Int) -> FileNode {
        FileNode(name: name, content: .integers([Int32(clamping: value)], shape: []))
    }

    /// A list of integers.
    static func integers(_ name: String, _ values: [Int]) -> FileNode {
        FileNode(name: name, content: .integers(values.map { Int32(clamping: $0) }, shape: [values.count]))
    }

    /// A second name of another member.
    static func link(_ name: String, to target: String) -> FileNode { FileNode(name: name, content: .link(to: target)) }

    /// One number an image.
    static func column(_ name: String, _ column: ImageColumn, _ attributes: [(String, FileAttribute)] = []) -> FileNode {
        FileNode(name: name, content: .column(column), attributes: attributes)
    }
}

/// The value of an attribute.
enum FileAttribute {
    case text(String)
    case texts([String])
    case integer(Int32)
    case unsigned(UInt64)
    case reals([Double])
}
