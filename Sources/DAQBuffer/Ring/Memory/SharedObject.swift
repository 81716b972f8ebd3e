import CDAQLinux
import Glibc

/// An open POSIX shared memory object: a file in /dev/shm.
///
/// Closing it gives up the locks that were taken with it.
final class SharedObject: Sendable {
    /// Where the objects are files.
    static let folder = "/dev/shm"

    /// Name without a slash.
    let name: String
    /// The open file.
    let descriptor: Int32

    private init(name: String, descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Opens an object.
    ///
    /// - Returns: `nil` when there is none of that name.
    static func open(_ name: String, writable: Bool) throws(RingError) -> SharedObject? {
        let descriptor = shm_open("/" + name, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC, 0)
        if descriptor >= 0 { return SharedObject(name: name, descriptor: descriptor) }
        if errno == ENOENT { return nil }
        throw failure(name, "open", errno)
    }

    /// Creates an object.
    ///
    /// - Parameters:
    ///   - mode: the permissions.
    ///   - isMasked: whether the process's mask takes some of them away.
    /// - Returns: `nil` when there is one of that name.
    static func create(_ name: String, mode: mode_t, isMasked: Bool = false) throws(RingError) -> SharedObject? {
        let descriptor = shm_open("/" + name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            if errno == EEXIST { return nil }
            throw .object(name: name, action: "create", errno: errno)
        }
        let object = SharedObject(name: name, descriptor: descriptor)
        // The mask of the process would keep the group out.
        guard isMasked || fchmod(descriptor, mode) == 0 else {
            let error = RingError.object(name: name, action: "set the permissions of", errno: errno)
            shm_unlink("/" + name)
            throw error
        }
        return object
    }

    /// Takes an object's name away; whoever has mapped it keeps the memory.
    static func unlink(_ name: String) throws(RingError) {
        guard shm_unlink("/" + name) == 0 || errno == ENOENT else {
            throw failure(name, "remove", errno)
        }
    }

    /// Why the system refuses something, with whose the object is when that is why.
    private static func failure(_ name: String, _ action: String, _ code: Int32) -> RingError {
        var status = stat()
        guard code == EACCES || code == EPERM, stat("\(folder)/\(name)", &status) == 0 else {
            return .object(name: name, action: action, errno: code)
        }
        let user = getpwuid(status.st_uid).map { String(cString: $0.pointee.pw_name) } ?? "user \(status.st_uid)"
        let group = getgrgid(status.st_gid).map { String(cString: $0.pointee.gr_name) } ?? "group \(status.st_gid)"
        let mode = String(status.st_mode & 0o777, radix: 8)
        return .denied(
            name: name, action: action,
            owner: "\(user):\(group) (mode \(String(repeating: "0", count: max(0, 4 - mode.count)))\(mode))")
    }

    /// What the kernel knows about the open file; `nil` when it does not answer.
    private var status: stat? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? status : nil
    }

    /// Bytes the object has now.
    var size: Int { status.map { Int($0.st_size) } ?? 0 }

    /// The file's number, which tells two objects of one name apart.
    var inode: UInt64 { status.map { UInt64($0.st_ino) } ?? 0 }

    /// Whether the name still leads to this object.
    var isLinked: Bool {
        var named = stat()
        guard stat("\(Self.folder)/\(name)", &named) == 0, let status else { return false }
        return named.st_ino == status.st_ino && named.st_dev == status.st_dev
    }

    /// Gives the object its size, and makes sure that the memory is there.
    ///
    /// - Throws: ``RingError/space(name:bytes:free:errno:)``; touching a page that the system does not have would end the
    ///   process instead.
    func allocate(_ bytes: Int) throws(RingError) {
        var result: Int32
        repeat { result = posix_fallocate(descriptor, 0, off_t(bytes)) } while result == EINTR
        guard result == 0 else {
            var system = statvfs()
            let free = fstatvfs(descriptor, &system) == 0 ? Int(system.f_bavail) * Int(system.f_frsize) : 0
            throw .space(name: name, bytes: bytes, free: free, errno: result)
        }
    }

    /// Maps the first bytes of the object, with all pages there from the start.
    func map(_ bytes: Int, writable: Bool) throws(RingError) -> Mapping {
        try Mapping(
            bytes: bytes, protection: writable ? PROT_READ | PROT_WRITE : PROT_READ, flags: MAP_SHARED | MAP_POPULATE,
            descriptor: descriptor)
    }

    /// Copies bytes of the object without mapping it.
    ///
    /// - Returns: `false` when the object ends before.
    func read(_ target: UnsafeMutableRawBufferPointer, at offset: Int) -> Bool {
        var done = 0
        while done < target.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: target[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    // MARK: Locks

    /// Locks a byte for as long as this object is open.
    ///
    /// - Returns: whether it was free.
    func lock(byte: Int) throws(RingError) -> Bool {
        let result = cdaq_lock_byte(descriptor, Int64(byte))
        if result == -EAGAIN { return false }
        guard result == 0 else { throw .object(name: name, action: "lock", errno: -result) }
        return true
    }

    /// Gives a lock up.
    func unlock(byte: Int) { _ = cdaq_unlock_byte(descriptor, Int64(byte)) }

    /// Whether somebody else has locked a byte.
    func isLockedByOthers(byte: Int) -> Bool { cdaq_byte_is_locked(descriptor, Int64(byte)) == 1 }
}
