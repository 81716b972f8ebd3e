import CDAQLinux
import Glibc

/// The directories under which sessions may write, and no others.
///
/// Names that come from outside lead neither by `..` nor by a symbolic link out of a root: the kernel itself resolves them
/// below the root's open directory, and files are created in the directory that was found, whatever its name means later.
public struct WriteRoots: Sendable, Hashable {
    /// Absolute paths; `nil` for anywhere.
    private let directories: [[Substring]]?

    /// Anywhere this program may write, for names that its own user gives.
    ///
    /// Directories are not created.
    public static let anywhere = WriteRoots(directories: nil)

    private init(directories: [[Substring]]?) { self.directories = directories }

    /// Some directories, of which relative names use the first.
    ///
    /// - Throws: ``WriteRefusal`` for a path that is not absolute.
    public init(_ directories: [String]) throws(WriteRefusal) {
        for directory in directories where !directory.hasPrefix("/") || directory.contains("\0") {
            throw WriteRefusal(.path, expected: "an absolute path as root", found: directory.debugDescription)
        }
        self.directories = directories.map { Self.steps($0) }
    }

    /// Finds the place of a file, and creates the directories that are missing below the root.
    func place(_ name: String, ownership: ResolvedOwnership?) throws(WriteRefusal) -> OutputPlace {
        guard !name.contains("\0"), let file = Self.steps(name).last, !name.hasSuffix("/"), file != ".." else {
            throw WriteRefusal(.name, expected: "the name of a file", found: name.debugDescription)
        }
        guard let directories else { return try OutputPlace(unrestricted: name) }
        let steps = Self.steps(name)
        guard !steps.contains("..") else {
            throw WriteRefusal(.outsideRoots, expected: "a name without ..", found: name.debugDescription)
        }
        let root =
            name.hasPrefix("/") ? directories.first { steps.starts(with: $0) && steps.count > $0.count } : directories.first
        guard let root else {
            let roots = directories.map { "/" + $0.joined(separator: "/") }.joined(separator: " or ")
            throw WriteRefusal(.outsideRoots, expected: "a file under \(roots)", found: name.debugDescription)
        }
        let below = name.hasPrefix("/") ? steps.dropFirst(root.count) : steps[...]
        let shown = "/" + (root + below.dropLast()).joined(separator: "/")
        let descriptor = try Self.open(
            root: "/" + root.joined(separator: "/"), below.dropLast().map { String($0) }, name, ownership)
        return OutputPlace(descriptor: descriptor, shownDirectory: shown, file: String(file))
    }

    /// Whether a name is that of a directory.
    public func hasFolder(_ name: String) -> Bool {
        var path = name
        if !name.hasPrefix("/"), let root = directories?.first { path = "/\(root.joined(separator: "/"))/\(name)" }
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names between the slashes.
    private static func steps(_ path: String) -> [Substring] { path.split(separator: "/").filter { $0 != "." } }

    private static func open(
        root: String, _ steps: [String], _ name: String, _ ownership: ResolvedOwnership?
    ) throws(WriteRefusal) -> Int32 {
        let rootDescriptor = cdaq_directory_open(root)
        guard rootDescriptor >= 0 else { throw failure(-rootDescriptor, "the root \(root)") }
        var current = rootDescriptor
        var path = ""
        do throws(WriteRefusal) {
            for step in steps {
                path += path.isEmpty ? step : "/\(step)"
                var next = cdaq_directory_open_beneath(rootDescriptor, path)
                if next == -ENOENT {
                    try create(step, in: current, "\(root)/\(path)", ownership)
                    next = cdaq_directory_open_beneath(rootDescriptor, path)
                }
                guard next >= 0 else {
                    guard next != -EXDEV, next != -ELOOP else {
                        throw WriteRefusal(
                            .outsideRoots, expected: "a file under \(root)", found: "a link that leads elsewhere, \(root)/\(path)"
                        )
                    }
                    throw failure(-next, "\(root)/\(path)")
                }
                if current != rootDescriptor { close(current) }
                current = next
            }
        } catch {
            if current != rootDescriptor { close(current) }
            close(rootDescriptor)
            throw error
        }
        if current != rootDescriptor { close(rootDescriptor) }
        return current
    }

    private static func create(
        _ step: String, in directory: Int32, _ shown: String, _ ownership: ResolvedOwnership?
    ) throws(WriteRefusal) {
        // A name that is there meanwhile is somebody else's, or a link; opening it decides.
        guard mkdirat(directory, step, 0o777) == 0 else {
            if errno == EEXIST { return }
            throw failure(errno, shown)
        }
        try synchronize(directory, shown)
        guard let ownership else { return }
        let descriptor = openat(directory, step, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(errno, shown) }
        defer { close(descriptor) }
        let number = ownership.apply(toDirectory: descriptor)
        if number != 0 { throw failure(number, shown) }
    }

    /// Waits until the names in a directory are on the disk.
    private static func synchronize(_ directory: Int32, _ shown: String) throws(WriteRefusal) {
        let descriptor = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(errno, shown) }
        defer { close(descriptor) }
        // Some file systems cannot do it for directories, and say so.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure(errno, shown) }
    }

    private static func failure(_ number: Int32, _ directory: String) -> WriteRefusal {
        WriteRefusal(
            .path, expected: "a directory that can be written", found: "\(directory): \(String(cString: strerror(number)))")
    }
}
