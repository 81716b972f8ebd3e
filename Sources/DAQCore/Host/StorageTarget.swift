/// Where images are to be written: a folder, and the file system it is on.
public struct StorageTarget: Sendable, Equatable {
    /// The folder that the file will be in.
    public var folder: String
    /// Whether the folder exists.
    public var exists: Bool
    /// Whether this user may make files in it.
    public var isWritable: Bool
    /// The file system; `nil` when it could not be asked.
    public var fileSystem: FileSystem?

    /// A mounted file system.
    public struct FileSystem: Sendable, Equatable {
        /// Number of its kind in the kernel.
        public var kind: UInt64
        /// Bytes that this user may still write.
        public var available: Int
        /// Whether it is mounted read-only.
        public var isReadOnly: Bool

        /// Its name; the number for kinds that are rare at detectors.
        var name: String { Self.names[kind] ?? "file system 0x" + String(kind, radix: 16) }
        /// Whether files in it are in memory.
        var isMemory: Bool { name == "tmpfs" || name == "ramfs" }
        /// Whether it is on another host by a protocol not made for high rates.
        var isRemote: Bool { name == "nfs" || name == "cifs" || name == "smb" }

        /// Kinds by their numbers, from linux/magic.h and the sources of parallel file systems.
        private static let names: [UInt64: String] = [
            0xEF53: "ext4", 0x5846_5342: "xfs", 0x9123_683E: "btrfs", 0x2FC1_2FC1: "zfs", 0xF2F5_2010: "f2fs",
            0x0102_1994: "tmpfs", 0x8584_58F6: "ramfs", 0x794C_7630: "overlayfs", 0x6969: "nfs", 0xFF53_4D42: "cifs",
            0xFE53_4D42: "smb", 0x6573_5546: "fuse", 0x4750_4653: "gpfs", 0x0BD0_0BD0: "lustre", 0x1983_0326: "beegfs",
            0x00C3_6400: "ceph",
        ]
    }
}
