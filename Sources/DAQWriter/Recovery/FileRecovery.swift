import Glibc

/// Completes the files of a run whose writer was killed.
///
/// What was reported flushed is in files that are complete; this saves what was written after that, as far as it can be read,
/// and clears the mark that keeps files of ``FileMode/swmr`` from being opened. Doing it twice does no harm.
/// The HDF5 library (1.10.8) can crash on damaged files, so do this in a process of its own.
public struct FileRecovery: Sendable, Equatable {
    /// A file that was looked at.
    public struct Part: Sendable, Equatable {
        /// Its name now.
        public var path: String
        /// Images that can be read from it.
        public var images: Int
        /// Why it was left as it is; `nil` when it is whole now.
        public var problem: String?
    }

    /// The file that shows the whole run.
    public var path: String
    /// Images that can be read from it.
    public var images = 0
    /// Files that were not complete.
    public var parts: [Part] = []

    /// Completes the files of a run.
    ///
    /// - Parameters:
    ///   - path: the file that was asked for when writing began, without the number of a part.
    ///   - progress: called whenever something was achieved.
    /// - Throws: ``HDF5Error`` when there is nothing to recover, or somebody is still writing.
    public init(path: String, progress: () -> Void = {}) throws(HDF5Error) {
        self.path = path
        let names = PartNames(path)
        let found = names.existing()
        var parts = found.parts
        let partials = found.partials
        let exists = access(path, F_OK) == 0
        guard exists || !parts.isEmpty || !partials.isEmpty || access(names.newPath, F_OK) == 0 else {
            throw HDF5Error(
                .notFound, operation: "recover", path: path, detail: "there is no such file, and no part of one",
                advice: "check the path")
        }
        let files = [path, names.newPath] + parts.map(names.part) + partials.map(names.partial) + found.new.map(names.new)
        for file in files where FileUse.isWritten(FilePath.absolute(file)) {
            throw HDF5Error(
                .locked, operation: "recover", path: path, detail: "\(file) is still being written",
                advice: "stop its writer first")
        }
        for file in [names.newPath] + found.new.map(names.new) { FilePath.remove(file) }
        for file in (exists ? [path] : []) + parts.map(names.part) where FileSalvage.isMarkedOpen(file) {
            self.parts.append(Self.salvage(file))
            progress()
        }
        let bad = Set(self.parts.filter { $0.problem != nil }.map(\.path))
        parts.removeAll { bad.contains(names.part($0)) }
        if exists, !parts.isEmpty || !partials.isEmpty { try Self.refuseOtherRun(path) }
        // First what is certain, then what may be damaged.
        if !parts.isEmpty { try show(&parts, names, progress) }
        for number in partials {
            var part = Self.salvage(names.partial(number))
            if part.problem == nil, part.images == 0 {
                FilePath.remove(part.path)
            } else if part.problem == nil {
                part.path = parts.isEmpty && partials.count == 1 ? path : names.part(number)
                try Publishing.publish(names.partial(number), as: part.path, replacing: part.path == path)
                if part.path != path {
                    parts = (parts + [number]).sorted()
                    try show(&parts, names, progress)
                }
            }
            self.parts.append(part)
            progress()
        }
        if access(path, F_OK) == 0, !bad.contains(path) { images = try SourceFile(scanning: path, name: path).images }
    }

    private static func salvage(_ path: String) -> Part {
        do throws(HDF5Error) {
            return Part(path: path, images: try FileSalvage.complete(path), problem: nil)
        } catch {
            return Part(path: path, images: 0, problem: error.description)
        }
    }

    /// Shows the parts that can be read; the others are told, and no longer among them.
    private mutating func show(_ parts: inout [Int], _ names: PartNames, _ progress: () -> Void) throws(HDF5Error) {
        var sources: [SourceFile] = []
        for number in parts {
            do throws(HDF5Error) {
                sources.append(try SourceFile(scanning: names.part(number), name: names.name(number)))
                progress()
            } catch {
                parts.removeAll { $0 == number }
                self.parts.append(Part(path: names.part(number), images: 0, problem: error.description))
            }
        }
        guard !sources.isEmpty else { return }
        let order = ImageOrder(appending: sources.map(\.images))
        try VirtualFile.write(to: names.newPath, sources: sources, order: order, progress: progress)
        try Publishing.publish(names.newPath, as: names.path, replacing: true)
    }

    /// A file with images of its own is not the beginning of a run in parts.
    private static func refuseOtherRun(_ path: String) throws(HDF5Error) {
        guard let source = try? SourceFile(scanning: path, name: path), source.images > 0,
            let file = try? HDF5File(reading: path), let root = try? file.root(),
            let stack = try? HDF5Dataset(opening: source.stackPath, in: root), (try? stack.isVirtual()) == false
        else { return }
        throw HDF5Error(
            .exists, operation: "recover", path: path, detail: "it holds images of its own, and there are parts beside it",
            advice: "move the file or the parts away")
    }
}
