import CDAQLinux
import Glibc

/// Where the file of a session is created: an open directory, and a name in it.
final class OutputPlace: Sendable {
    /// The path for the file layer.
    let path: String
    /// The path for people.
    let shownPath: String
    private let descriptor: Int32
    /// What tells the directory from all others, whatever names lead to it; asked once, since a disk may stop to answer.
    private let identity: String
    private let directory: String
    private let shownDirectory: String

    /// A place in a directory that was found below a root; the descriptor is closed with the value.
    init(descriptor: Int32, shownDirectory: String, file: String) {
        self.descriptor = descriptor
        self.shownDirectory = shownDirectory
        identity = Self.identity(of: descriptor)
        shownPath = "\(shownDirectory == "/" ? "" : shownDirectory)/\(file)"
        // Whatever the directory is called by now, this is the one that was found.
        directory = "/proc/self/fd/\(descriptor)"
        path = "\(directory)/\(file)"
    }

    /// A place that nothing restricts.
    init(unrestricted name: String) throws(WriteRefusal) {
        let parent = name.lastIndex(of: "/").map { $0 == name.startIndex ? "/" : String(name[..<$0]) } ?? "."
        let opened = cdaq_directory_open(parent)
        guard opened >= 0 else {
            throw WriteRefusal(
                .path, expected: "a directory that can be written",
                found: opened == -ENOENT ? "\(parent), which does not exist" : "\(parent): \(String(cString: strerror(-opened)))",
                advice: opened == -ENOENT ? "create it first" : "")
        }
        descriptor = opened
        identity = Self.identity(of: opened)
        (path, shownPath) = (name, name)
        (directory, shownDirectory) = (parent, parent)
    }

    deinit { close(descriptor) }

    /// Whether the directory has been removed.
    var isRemoved: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_nlink == 0
    }

    /// Whether the two files, with their parts, cannot be written at the same time.
    func collides(with other: OutputPlace) -> Bool {
        let (names, otherNames) = (PartNames(path), PartNames(other.path))
        return identity == other.identity
            && (names.include(otherNames.fileName) || otherNames.include(names.fileName))
    }

    private static func identity(of descriptor: Int32) -> String {
        var status = stat()
        fstat(descriptor, &status)
        return "\(status.st_dev) \(status.st_ino)"
    }

    /// A message of the file layer with the path that people know.
    func shown(_ text: String) -> String {
        directory == shownDirectory ? text : text.replacing(directory, with: shownDirectory)
    }
}
