public import DAQCore

/// An image file of this library, or of another, opened for reading: finds the image stack and what is known of its images.
///
/// Cut-off, empty and foreign files give errors, and no length in a file is used before it was checked. The HDF5 library
/// itself (1.10.8) can crash on files with wrong bytes in their metadata, so look at files of unknown origin in a process
/// of its own. All functions block while the disk does.
public struct HDF5ImageFile: ~Copyable {
    /// The file.
    public let path: String
    /// Where the image stack is in the file.
    public let stackPath: String
    /// Number of images.
    public let imageCount: Int
    /// Rows of an image.
    public let height: Int
    /// Pixels in a row.
    public let width: Int
    /// Type of a pixel as numpy names it, such as "uint16".
    public let elementType: String
    /// Names of the filters of the stack, such as compression; empty when there are none.
    public let filters: [String]
    /// Images stored together; `nil` when the stack is not chunked.
    public let chunk: [Int]?

    let file: HDF5File
    let root: HDF5Group
    let stack: HDF5Dataset
    let element: HDF5ElementType

    /// Opens a file and finds its images: `/entry/data/data`, else the largest dataset of three dimensions.
    ///
    /// - Throws: ``HDF5Error`` when the file cannot be opened, is damaged, or has no images.
    public init(path: String) throws(HDF5Error) {
        let file = try HDF5File(reading: path)
        let root = try file.root()
        let stackPath = try Self.findStack(in: root, path)
        let stack = try HDF5Dataset(opening: stackPath, in: root)
        let shape = try stack.shape()
        guard shape.count == 3 else {
            throw HDF5Error(
                .mismatch, operation: "read images from", path: stack.path,
                detail: "it has \(shape.count) dimensions", advice: "a stack of images has 3")
        }
        let element = try stack.elementType()
        let filters = try stack.filters()
        let chunk = try stack.chunk()
        self.path = path
        self.stackPath = stackPath
        (imageCount, height, width) = (shape[0], shape[1], shape[2])
        elementType = element.description
        self.filters = filters
        self.chunk = chunk
        self.element = element
        self.file = file
        self.root = root
        self.stack = stack
    }

    /// Bytes of an image in memory; 0 when its pixels are not numbers.
    public var bytesPerImage: Int {
        switch element {
        case .integer(_, let bytes), .float(let bytes): width * height * bytes
        default: 0
        }
    }

    /// The pixel type; `nil` when it is none of this library's.
    public var pixelType: PixelType? { PixelType(rawValue: elementType) }

    /// The pixels of an image as numbers, row by row; exact up to 2^53.
    ///
    /// - Throws: ``HDF5Error`` when there is no such image, it cannot be read, or its pixels are not numbers.
    public func values(ofImage index: Int) throws(HDF5Error) -> [Double] { try image(index, as: Double.self) }

    /// The bytes of an image, row by row, in the byte order of this machine.
    ///
    /// - Throws: as ``values(ofImage:)``.
    public func bytes(ofImage index: Int) throws(HDF5Error) -> [UInt8] {
        func bytes<Number: HDF5Scalar>(_ number: Number.Type) throws(HDF5Error) -> [UInt8] {
            try image(index, as: number).withUnsafeBytes { Array($0) }
        }
        return switch element {
        case .integer(false, 1): try bytes(UInt8.self)
        case .integer(false, 2): try bytes(UInt16.self)
        case .integer(false, 4): try bytes(UInt32.self)
        case .integer(false, 8): try bytes(UInt64.self)
        case .integer(true, 1): try bytes(Int8.self)
        case .integer(true, 2): try bytes(Int16.self)
        case .integer(true, 4): try bytes(Int32.self)
        case .integer(true, 8): try bytes(Int64.self)
        case .float(4): try bytes(Float.self)
        case .float(8): try bytes(Double.self)
        default: throw notNumbers()
        }
    }

    /// The failure of a stack whose values are not numbers.
    func notNumbers() -> HDF5Error {
        HDF5Error(
            .mismatch, operation: "read pixels from", path: stack.path, detail: "its values are \(elementType), not numbers")
    }

    /// The pixels of an image, converted to `Number` by the library.
    func image<Number: HDF5Scalar>(_ index: Int, as number: Number.Type) throws(HDF5Error) -> [Number] {
        guard index >= 0, index < imageCount else {
            throw HDF5Error(
                .notFound, operation: "read image \(index) of", path: stack.path, detail: "it has \(imageCount) images",
                advice: "the first is number 0")
        }
        return try stack.read(number, start: [index, 0, 0], count: [1, height, width])
    }

    private static func findStack(in root: borrowing HDF5Group, _ path: String) throws(HDF5Error) -> String {
        let standard = "entry/data/data"
        if root.contains("entry"), root.contains("entry/data"), root.contains(standard),
            let dataset = try? HDF5Dataset(opening: standard, in: root), (try? dataset.shape().count) == 3
        {
            return standard
        }
        var best: (path: String, values: Int)?
        try HDF5Structure.walk(root) { name, shape in
            guard shape.count == 3 else { return }
            let values = shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
            if best.map({ values > $0.values }) ?? true { best = (name, values) }
        }
        guard let best else {
            throw HDF5Error(
                .notFound, operation: "find images in", path: path, detail: "no dataset has three dimensions",
                advice: "this is not an image file")
        }
        return best.path
    }
}
