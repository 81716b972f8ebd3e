import CDAQHDF5
import Glibc

/// A file whose images another file shows.
public struct ImageFileSource: Sendable, Equatable {
    /// Where it should be.
    public var path: String
    /// Images that are shown from it.
    public var images: Int
    /// Whether there is no such file.
    public var isMissing = false
    /// Why its images cannot be read; `nil` when they can, as far as opening it tells.
    public var problem: String?

    /// What is wrong with it, as one line; `nil` when nothing is.
    public var complaint: String? {
        guard let problem else { return nil }
        let images = "\(images) \(images == 1 ? "image" : "images") cannot be read"
        return isMissing ? "MISSING FILE \(path): \(images)" : "UNREADABLE FILE \(path): \(images): \(problem)"
    }
}

extension HDF5ImageFile {
    /// Files that show files that show files, and so on, are followed so far.
    private static let maximumDepth = 8

    /// The files that hold the images, when they are not in this one; those that cannot be read, however far away, have a
    /// ``ImageFileSource/problem``.
    ///
    /// The library shows the fill value for their images, without an error.
    public func sources() throws(HDF5Error) -> [ImageFileSource] { try sources(depth: 0) }

    private func sources(depth: Int) throws(HDF5Error) -> [ImageFileSource] {
        guard depth < Self.maximumDepth, try stack.isVirtual() else { return [] }
        let directory = PartNames(path).directory
        var result: [ImageFileSource] = []
        for (name, images) in try stack.shownFiles(height: height, width: width) where name != "." {
            var source = ImageFileSource(path: name.hasPrefix("/") ? name : directory + name, images: images)
            do throws(HDF5Error) {
                let file = try HDF5ImageFile(path: source.path)
                result.append(source)
                let further = try file.sources(depth: depth + 1).filter { $0.problem != nil }
                result += further.filter { !result.contains($0) }
            } catch {
                source.problem = "\(error)"
                source.isMissing = error.code == .notFound && access(source.path, F_OK) != 0
                result.append(source)
            }
        }
        return result
    }
}

extension HDF5Dataset {
    /// The files whose pixels a virtual dataset shows, as it calls them, with the images that each has a part in.
    func shownFiles(height: Int, width: Int) throws(HDF5Error) -> [(name: String, images: Int)] {
        let creation = try HDF5Handle("read the layout of", path, closing: H5Pclose, H5Dget_create_plist(handle.id))
        var count = 0
        try HDF5.check("read the layout of", path, H5Pget_virtual_count(creation.id, &count))
        var sources: [(name: String, images: Int)] = []
        for index in 0..<min(count, 1 << 20) {
            var bytes = [CChar](repeating: 0, count: 4096)
            try HDF5.check("read the layout of", path, H5Pget_virtual_filename(creation.id, index, &bytes, bytes.count - 1))
            let name = VirtualName.unescaped(HDF5Values.text(bytes))
            let space = try HDF5Handle("read the layout of", path, closing: H5Sclose, H5Pget_virtual_vspace(creation.id, index))
            let images = Self.images(in: space.id, height: height, width: width)
            if let known = sources.firstIndex(where: { $0.name == name }) {
                sources[known].images += images
            } else {
                sources.append((name, images))
            }
        }
        return sources
    }

    /// How many images a selection has a part in; of interleaved parts of images at most.
    private static func images(in space: hid_t, height: Int, width: Int) -> Int {
        guard H5Sget_simple_extent_ndims(space) == 3 else { return 0 }
        var (first, last) = ([hsize_t](repeating: 0, count: 3), [hsize_t](repeating: 0, count: 3))
        let points = H5Sget_select_npoints(space)
        guard points > 0, H5Sget_select_bounds(space, &first, &last) >= 0, last[0] >= first[0] else { return 0 }
        let isWhole = first[1] == 0 && first[2] == 0 && last[1] + 1 == hsize_t(height) && last[2] + 1 == hsize_t(width)
        let pixels = height * width
        return isWhole && pixels > 0 && Int(points).isMultiple(of: pixels)
            ? Int(points) / pixels : Int(clamping: last[0] - first[0]) + 1
    }
}
