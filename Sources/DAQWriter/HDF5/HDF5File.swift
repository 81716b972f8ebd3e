import DAQCore
import CDAQHDF5
import CDAQLinux
import Glibc

/// An open HDF5 file, closed when it goes out of scope.
struct HDF5File: ~Copyable {
    /// Objects of at least this size start on multiples of ``alignment``, so that images can be read without the page cache.
    static let alignmentThreshold: hsize_t = 64 << 10
    let handle: HDF5Handle
    let path: String

    /// Creates a file.
    ///
    /// In ``FileMode/safe`` in the oldest format that can hold what is stored, which every reader since HDF5 1.8 opens, also
    /// after the writer was killed (newer formats mark a file as open until it is closed). The library then writes what
    /// it knows about the file only when it is told to, so that the file on the disk is as it was at the last flush.
    ///
    /// The file is always a new one: nothing is written through a link or into a file that somebody else has.
    ///
    /// - Parameter overwrite: whether what is there is removed first, unless somebody is writing it.
    init(creating path: String, overwrite: Bool, mode: FileMode = .safe, alignment: Int = 4096) throws(HDF5Error) {
        guard HDF5.isThreadSafe else {
            throw HDF5Error(
                .library, operation: "create", path: path, detail: "this HDF5 library is not built for several threads",
                advice: "use a thread-safe build, such as Debian's libhdf5")
        }
        let access = try Self.access(path, mode)
        try HDF5.check("prepare", path, H5Pset_alignment(access.id, Self.alignmentThreshold, hsize_t(alignment)))
        if overwrite { try FileUse.removeLeftover(path) }
        let created: HDF5Handle
        do throws(HDF5Error) {
            created = try HDF5Handle(
                "create", path, closing: H5Fclose, H5Fcreate(path, cdaq_h5f_acc_excl(), HDF5.defaults, access.id))
        } catch {
            // It was removed just now, so it is somebody else's.
            throw overwrite && Glibc.access(path, F_OK) == 0 ? FileUse.isTaken(path) : error
        }
        guard FileUse.claim(try Self.descriptor(of: created, path), path) else { throw FileUse.isTaken(path) }
        handle = created
        self.path = path
        keepFromChildren()
    }

    /// Opens an existing file to change it.
    ///
    /// - Parameter clearing: whether it is opened although its writer has not closed it.
    init(changing path: String, mode: FileMode = .safe, clearing: Bool = false) throws(HDF5Error) {
        try FilePath.checkReadable(path)
        let access = try Self.access(path, mode)
        if clearing { try HDF5.check("prepare", path, cdaq_h5p_clear_flags(access.id)) }
        handle = try HDF5Handle("open", path, closing: H5Fclose, H5Fopen(path, cdaq_h5f_acc_rdwr(), access.id))
        self.path = path
        keepFromChildren()
    }

    private static func access(_ path: String, _ mode: FileMode) throws(HDF5Error) -> HDF5Handle {
        let access = try HDF5Handle("prepare", path, closing: H5Pclose, H5Pcreate(cdaq_h5p_file_access()))
        switch mode {
        case .safe:
            try HDF5.check("prepare", path, H5Pset_libver_bounds(access.id, H5F_LIBVER_EARLIEST, H5F_LIBVER_V110))
            try HDF5.check("prepare", path, cdaq_h5p_keep_metadata(access.id))
        case .swmr: try HDF5.check("prepare", path, H5Pset_libver_bounds(access.id, H5F_LIBVER_V110, H5F_LIBVER_V110))
        }
        return access
    }

    /// Lets readers in while this file is written; groups and datasets cannot be added from then on.
    func startReaders() throws(HDF5Error) {
        try HDF5.check("let readers into", path, H5Fstart_swmr_write(handle.id))
    }

    /// Opens an existing file for reading.
    init(reading path: String) throws(HDF5Error) {
        try FilePath.checkReadable(path)
        HDF5.silence()
        try HDF5Filter.registerDecoders(path)
        handle = try HDF5Handle("open", path, closing: H5Fclose, H5Fopen(path, cdaq_h5f_acc_rdonly(), HDF5.defaults))
        self.path = path
        keepFromChildren()
    }

    /// The root group.
    func root() throws(HDF5Error) -> HDF5Group {
        let root = try HDF5Handle("open", path, closing: H5Gclose, H5Gopen2(handle.id, "/", HDF5.defaults))
        return HDF5Group(path: path, root)
    }

    /// Hands everything to the operating system; what was stored so far then survives the end of this process.
    func flush() throws(HDF5Error) { try HDF5.check("flush", path, H5Fflush(handle.id, H5F_SCOPE_LOCAL)) }

    /// The descriptor the library writes to; valid as long as the file is open.
    func descriptor() throws(HDF5Error) -> Int32 { try Self.descriptor(of: handle, path) }

    private static func descriptor(of handle: borrowing HDF5Handle, _ path: String) throws(HDF5Error) -> Int32 {
        var pointer: UnsafeMutableRawPointer?
        try HDF5.check("find the descriptor of", path, H5Fget_vfd_handle(handle.id, HDF5.defaults, &pointer))
        guard let pointer else { throw HDF5.error("find the descriptor of", path) }
        return pointer.load(as: Int32.self)
    }

    /// Gives the file to its owner: the open one, since its name may mean another file by now.
    func give(to ownership: ResolvedOwnership?) throws(HDF5Error) {
        guard let ownership else { return }
        let number = ownership.apply(to: try descriptor())
        guard number == 0 else { throw HDF5Error(system: number, operation: "give to its owner", path: path) }
    }

    /// A program started later would otherwise inherit the file, and with it the library's lock on it.
    private func keepFromChildren() {
        guard let descriptor = try? descriptor() else { return }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// Bytes of the file, including what the library has not written yet.
    func size() throws(HDF5Error) -> Int {
        var size: hsize_t = 0
        try HDF5.check("ask for the size of", path, H5Fget_filesize(handle.id, &size))
        return Int(clamping: size)
    }

    /// Lets go of a file that cannot be written any more, as far as it is on the disk.
    ///
    /// The library would try again to store what it has in memory, fail again, and crash when the program ends. So its
    /// descriptor is given a file in memory instead, where all of it can go. Nothing can be read there: in a file of
    /// ``FileMode/swmr`` the library would take wrong bytes for unfinished ones, and wait for the right ones for ever.
    func abandon() {
        guard let descriptor = try? descriptor() else { return }
        let sink = cdaq_file_open_sink()
        guard sink >= 0 else { return }
        dup2(sink, descriptor)
        Glibc.close(sink)
    }

    /// Closes the file.
    consuming func close() throws(HDF5Error) {
        let path = path
        try handle.close(path)
    }
}
