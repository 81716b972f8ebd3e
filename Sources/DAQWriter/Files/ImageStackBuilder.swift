import CDAQHDF5
import DAQCore

/// Creates the members of a file, and collects those that grow.
struct ImageStackBuilder: ~Copyable {
    var images: HDF5Dataset?
    private(set) var rows: [any ImageRows] = []
    private(set) var annotations: AnnotationColumns?

    private let format: ImageFormat
    private let fill: UInt32
    private let options: FileOptions
    private let early: Bool

    /// A builder for one file.
    ///
    /// - Parameter early: whether space for images is taken before they come.
    init(_ contents: FileContents, _ options: FileOptions, early: Bool) {
        format = contents.format
        // A row that could not be written shows what a missing pixel shows.
        fill = contents.configuration.missingValue.bits(as: contents.format.pixelType) ?? 0
        self.options = options
        self.early = early
    }

    /// Creates a member of a group, with its own members.
    mutating func add(_ node: FileNode, to group: borrowing HDF5Group) throws(HDF5Error) {
        switch node.content {
        case .group(let members):
            let inner = try group.makeGroup(node.name)
            for (name, value) in node.attributes { try inner.setAttribute(name, value) }
            for member in members { try add(member, to: inner) }
        case .text(let text): try add(node.attributes, to: group.write(text, to: node.name))
        case .reals(let values, let shape): try add(node.attributes, to: group.write(values, shape: shape, to: node.name))
        case .integers(let values, let shape): try add(node.attributes, to: group.write(values, shape: shape, to: node.name))
        case .mask(let values, let shape): try add(node.attributes, to: group.write(values, shape: shape, to: node.name))
        case .link(let target): try group.link(node.name, to: target)
        case .images:
            let type = format.pixelType.hdf5Type
            let dataset = try HDF5Dataset(
                growing: node.name, in: group, type: type, row: [format.height, format.width], chunkRows: 1,
                fill: .init(fill, type: type), filter: options.filter, early: early)
            try add(node.attributes, to: dataset)
            images = consume dataset
        case .column(let field): rows.append(try NumberRows(node.name, field, in: group, attributes: node.attributes))
        case .stdDAQMetadata: rows.append(try StdDAQRows(node.name, in: group))
        case .missingPackets: rows.append(try MissingPacketTable(node.name, in: group))
        case .annotations:
            let inner = try group.makeGroup(node.name)
            for (name, value) in node.attributes { try inner.setAttribute(name, value) }
            let columns = AnnotationColumns(in: inner, fixedTexts: options.mode == .swmr)
            annotations = columns
            rows.append(columns)
        }
    }

    private func add(_ attributes: [(String, FileAttribute)], to dataset: borrowing HDF5Dataset) throws(HDF5Error) {
        for (name, value) in attributes { try dataset.setAttribute(name, value) }
    }
}
