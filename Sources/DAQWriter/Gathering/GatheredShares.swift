import CDAQLinux
import Glibc

/// The file that shows what several writers have stored who shared a run (``WriteShare``), in the order of ids.
public struct GatheredShares: Sendable, Equatable {
    /// A share whose writer did not end properly.
    public struct Recovered: Sendable, Equatable {
        /// Its number.
        public var share: Int
        /// Images that could be read from what it left; those of it that are not among them are in no file.
        public var images: Int
        /// What could not be read; `nil` when that is all.
        public var problem: String?
    }

    /// Why there is no such file yet.
    public enum Obstacle: Error, Sendable, Equatable {
        /// Nobody has written shares of a file of this name.
        case none
        /// These shares are still being written; who ends last can gather them.
        case writing([Int])
        /// These shares have no file: their writers have not begun.
        case absent([Int])
        /// Another writer has gathered them in the meantime.
        case done
    }

    /// The file, and how many images it shows.
    public var file: GatheredFile
    /// How many writers there were.
    public var shares: Int
    /// Shares that were completed here, since their writer did not.
    public var recovered: [Recovered]

    /// Gathers the shares of a file that are beside it.
    ///
    /// What a writer has left that was killed is recovered (``FileRecovery``, which is best done in a process of its own).
    ///
    /// - Parameters:
    ///   - path: the file to create, which was the output that all writers were given.
    ///   - overwrite: whether an existing file is replaced.
    ///   - progress: called whenever something was achieved.
    /// - Throws: ``Obstacle``, or ``HDF5Error`` and ``WriteRefusal`` when a file cannot be read or written.
    public init(path: String, overwrite: Bool = false, progress: () -> Void = {}) throws {
        let descriptor = try Self.lock(path)
        defer { if let descriptor { close(descriptor) } }
        // A writer that has just begun has no file yet.
        let writing = descriptor.map(ShareGroup.writing) ?? []
        guard writing.isEmpty else { throw Obstacle.writing(writing) }
        let count = try Self.count(of: path)
        if descriptor == nil, !overwrite, access(path, F_OK) == 0 { throw Obstacle.done }
        var recovered: [Recovered] = []
        var absent: [Int] = []
        var sources: [String] = []
        for (index, file) in ShareGroup.files(of: path, shares: count).enumerated() {
            if let share = try Self.complete(file, progress) {
                recovered.append(Recovered(share: index + 1, images: share.images, problem: share.problem))
            }
            let parts = PartNames(file).existing().parts.map(PartNames(file).part)
            if !parts.isEmpty {
                sources += parts
            } else if access(file, F_OK) == 0 {
                sources.append(file)
            } else {
                absent.append(index + 1)
            }
        }
        guard absent.isEmpty else { throw Obstacle.absent(absent) }
        file = try GatheredFile(creating: path, from: sources, overwrite: overwrite, progress: progress)
        shares = count
        self.recovered = recovered
        unlink(ShareGroup.path(of: path))
    }

    /// Keeps others from gathering at the same time; `nil` when the writers have left nothing that says they have shared.
    private static func lock(_ path: String) throws -> Int32? {
        guard access(ShareGroup.path(of: path), F_OK) == 0 else { return nil }
        do {
            return try ShareGroup.open(path, creating: false)
        } catch {
            // Who held it has gathered, and removed it.
            throw access(ShareGroup.path(of: path), F_OK) == 0 ? error : Obstacle.done
        }
    }

    /// How many writers have shared a file.
    private static func count(of path: String) throws -> Int {
        let counts = PartNames(path).shareCounts()
        guard let count = counts.first else { throw Obstacle.none }
        guard counts.count == 1 else {
            throw HDF5Error(
                .mismatch, operation: "gather", path: path,
                detail: "there are files of runs that were shared by "
                    + counts.sorted().map { "\($0)" }.joined(separator: " and by "),
                advice: "name the files to gather")
        }
        return count
    }

    /// Completes what a writer has left that was killed.
    ///
    /// - Returns: `nil` when there is nothing to do.
    private static func complete(_ file: String, _ progress: () -> Void) throws(HDF5Error) -> (images: Int, problem: String?)? {
        let names = PartNames(file)
        let found = names.existing()
        let parts = found.parts.map(names.part)
        let isOpen = ([file] + parts).contains { access($0, F_OK) == 0 && FileSalvage.isMarkedOpen($0) }
        let isBegun = access(names.newPath, F_OK) == 0 || !found.new.isEmpty
        guard isOpen || isBegun || !found.partials.isEmpty else { return nil }
        let recovery = try FileRecovery(path: file, progress: progress)
        return (recovery.images, recovery.parts.lazy.compactMap(\.problem).first)
    }
}
