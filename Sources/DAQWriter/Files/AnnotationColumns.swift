import CDAQHDF5
import DAQCore

/// The columns that stages add: one dataset for each name, created when the name is first seen.
///
/// A name whose values are of several kinds has a column for each. Images without a value show: the lowest Int64 for
/// integers, NaN for numbers, an empty text, 255 for flags (0 is false, 1 true).
final class AnnotationColumns: ImageRows {
    /// No stage can fill a file with names; values beyond this are not stored, but counted.
    static let maximumColumns = 256

    private struct Key: Hashable {
        var name: String
        var kind: Kind
    }

    private enum Kind: String {
        case integer, number, flag, text

        init(_ value: Annotation.Value) {
            switch value {
            case .integer: self = .integer
            case .number: self = .number
            case .flag: self = .flag
            case .text: self = .text
            }
        }
    }

    private let group: HDF5Group
    private var columns: [Key: any AnnotationColumn] = [:]
    /// The columns of the annotations of the last image, in their order: most images have the same.
    private var expected: [(key: Key, column: any AnnotationColumn)] = []
    /// Values that were not stored: too many names, the same name twice in an image, or a new name in a frozen file.
    private(set) var dropped: UInt64 = 0
    /// About how much waits in memory.
    private(set) var waitingBytes = 0

    /// No new columns can be added any more, as in files that others are reading already.
    var isFrozen = false
    /// Texts have a fixed length, as files need that are read while they are written.
    private let fixedTexts: Bool

    /// Columns in a group of their own.
    init(in group: consuming HDF5Group, fixedTexts: Bool) {
        self.group = group
        self.fixedTexts = fixedTexts
    }

    /// Adds the annotations of an image.
    ///
    /// - Parameter row: the position of the image; earlier images that lack a name are filled up.
    func append(_ metadata: borrowing ImageMetadata, row: Int) throws(HDF5Error) {
        for (place, annotation) in metadata.annotations.enumerated() {
            guard let column = try column(for: annotation, at: place, row: row) else {
                dropped += 1
                continue
            }
            if !column.append(annotation.value, row: row) { dropped += 1 }
            waitingBytes += 16
            if case .text(let text) = annotation.value { waitingBytes += text.utf8.count }
        }
    }

    /// Writes the waiting rows, filled up so that every column has `rows` of them; after a failure they wait on.
    func flush(rows: Int) throws(HDF5Error) {
        for column in columns.values {
            column.fill(to: rows)
            try column.flush()
        }
        waitingBytes = 0
    }

    private func column(
        for annotation: Annotation, at place: Int, row: Int
    ) throws(HDF5Error) -> (any AnnotationColumn)? {
        let kind = Kind(annotation.value)
        if place < expected.count, expected[place].key.kind == kind, expected[place].key.name == annotation.name {
            return expected[place].column
        }
        let key = Key(name: annotation.name, kind: kind)
        guard let column = try column(for: key, row: row) else { return nil }
        if place < expected.count {
            expected[place] = (key, column)
        } else if place == expected.count, place < Self.maximumColumns {
            expected.append((key, column))
        }
        return column
    }

    private func column(for key: Key, row: Int) throws(HDF5Error) -> (any AnnotationColumn)? {
        if let column = columns[key] { return column }
        guard !isFrozen, columns.count < Self.maximumColumns else { return nil }
        var name = Self.datasetName(key.name)
        if group.contains(name) { name += "%\(key.kind.rawValue)" }
        let column: any AnnotationColumn =
            switch key.kind {
            case .integer:
                try NumberColumn(
                    name, in: group, memoryType: Int64.hdf5Type, stored: row, absent: UInt64(bitPattern: Int64.min))
            case .number:
                try NumberColumn(
                    name, in: group, memoryType: Double.hdf5Type, stored: row, absent: Double.nan.bitPattern)
            case .flag:
                try NumberColumn(name, in: group, fileType: UInt8.hdf5Type, stored: row, absent: UInt64(UInt8.max))
            case .text:
                if fixedTexts {
                    try FixedTextColumn(name, in: group, stored: row)
                } else {
                    try TextColumn(name, in: group, stored: row)
                }
            }
        columns[key] = column
        return column
    }

    /// A name that HDF5 takes literally: "/" would open a group, "." is the group itself.
    static func datasetName(_ name: String) -> String {
        if name.utf8.allSatisfy({ $0 == UInt8(ascii: ".") }) { return "%" + name }
        var result = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "/": result += "%2F"
            case "%": result += "%25"
            case "\0": result += "%00"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

/// A column of values of one kind.
private protocol AnnotationColumn: AnyObject {
    /// Adds a value of the column's kind, after rows without a value up to `row`.
    ///
    /// - Returns: `false` when the row has a value: another one would shift all later rows.
    func append(_ value: Annotation.Value, row: Int) -> Bool
    /// Adds rows without a value until there are `rows`.
    func fill(to rows: Int)
    /// Writes the waiting rows.
    func flush() throws(HDF5Error)
}

/// Integers, numbers and flags.
private final class NumberColumn: AnnotationColumn {
    private var column: Column
    private let absent: UInt64

    /// - Parameters:
    ///   - memoryType: the type of the values' bits.
    ///   - fileType: the type in the file, if it is another.
    ///   - absent: bits of the value that images without one show.
    init(
        _ name: String, in group: borrowing HDF5Group, memoryType: hid_t = UInt64.hdf5Type, fileType: hid_t? = nil,
        stored: Int, absent: UInt64
    ) throws(HDF5Error) {
        column = try Column(name, in: group, memoryType: memoryType, fileType: fileType, stored: stored, fill: absent)
        self.absent = absent
    }

    func append(_ value: Annotation.Value, row: Int) -> Bool {
        fill(to: row)
        guard column.count == row else { return false }
        switch value {
        case .integer(let number): column.append(UInt64(bitPattern: number))
        case .number(let number): column.append(number.bitPattern)
        case .flag(let flag): column.append(flag ? 1 : 0)
        case .text: column.append(absent)
        }
        return true
    }

    func fill(to rows: Int) {
        while column.count < rows { column.append(absent) }
    }

    func flush() throws(HDF5Error) { try column.flush() }
}

/// Texts of variable length, UTF-8.
private final class TextColumn: AnnotationColumn {
    private let dataset: HDF5Dataset
    private let type: HDF5Handle
    private var stored: Int
    private var pending: [String] = []

    init(_ name: String, in group: borrowing HDF5Group, stored: Int) throws(HDF5Error) {
        type = try HDF5String.type(utf8: true, group.path(of: name))
        dataset = try HDF5Dataset(growing: name, in: group, type: type.id, chunkRows: 256)
        try dataset.resize(to: stored)
        self.stored = stored
    }

    private var count: Int { stored + pending.count }

    func append(_ value: Annotation.Value, row: Int) -> Bool {
        fill(to: row)
        guard count == row else { return false }
        if case .text(let text) = value { pending.append(text) } else { pending.append("") }
        return true
    }

    func fill(to rows: Int) {
        while count < rows { pending.append("") }
    }

    func flush() throws(HDF5Error) {
        try HDF5String.withPointers(pending) { pointers throws(HDF5Error) in
            try dataset.append(pointers.baseAddress, count: pointers.count, type: type.id, at: stored)
        }
        stored += pending.count
        pending.removeAll(keepingCapacity: true)
    }
}

/// Texts cut at ``length`` bytes, UTF-8.
private final class FixedTextColumn: AnnotationColumn {
    static let length = 128

    private let dataset: HDF5Dataset
    private let type: HDF5Handle
    private var stored: Int
    private var pending: [UInt8] = []

    init(_ name: String, in group: borrowing HDF5Group, stored: Int) throws(HDF5Error) {
        type = try HDF5String.type(utf8: true, bytes: Self.length, group.path(of: name))
        dataset = try HDF5Dataset(growing: name, in: group, type: type.id, chunkRows: 256)
        try dataset.resize(to: stored)
        self.stored = stored
    }

    private var count: Int { stored + pending.count / Self.length }

    func append(_ value: Annotation.Value, row: Int) -> Bool {
        fill(to: row)
        guard count == row else { return false }
        if case .text(let text) = value { append(text) } else { append("") }
        return true
    }

    private func append(_ text: String) {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            let encoded = Array(String(scalar).utf8)
            guard bytes.count + encoded.count <= Self.length else { break }
            bytes += encoded
        }
        pending += bytes + [UInt8](repeating: 0, count: Self.length - bytes.count)
    }

    func fill(to rows: Int) {
        while count < rows { append("") }
    }

    func flush() throws(HDF5Error) {
        try dataset.append(pending, count: pending.count / Self.length, type: type.id, at: stored)
        stored = count
        pending.removeAll(keepingCapacity: true)
    }
}
