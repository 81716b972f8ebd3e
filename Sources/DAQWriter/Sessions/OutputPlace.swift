import CDAQLinux
import Glibc

/// Where the file of a session is created: an open directory, and a name in it.
final class OutputPlace: Sendable {
    /// The path for the file layer.
    let path: String
    /// The path for people.
    let shownPath: String
    private let descriptor: Int32
    private let directory: String
    private let shownDirectory: String

    /// A place in a directory that was found below a root; the descriptor is closed with the value.
    init(descriptor: Int32, shownDirectory: String, file: String) {
        self.descriptor = descriptor
        self.shownDirectory = shownDirectory
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
        (path, shownPath) = (name, name)
        (directory, shownDirectory) = (parent, parent)
    }

    deinit { close(descriptor) }

    /// Whether the directory has been removed.
    var isRemoved: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_nlink == 0
    }

    /// What tells the file from all others, whatever names lead to its directory.
    var identity: String {
        var status = stat()
        fstat(descriptor, &status)
        return "\(status.st_dev) \(status.st_ino) \(path.split(separator: "/").last ?? "")"
    }

    /// A message of the file layer with the path that people know.
    func shown(_ text: String) -> String {
        directory == shownDirectory ? text : text.replacing(directory, with: shownDirectory)
    }
}
