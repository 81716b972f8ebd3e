public import DAQCore
import Glibc

/// Whose the files of a session are, and who may read them.
public struct FileOwnership: Sendable, Hashable {
    /// The user the files belong to; `nil` for the one this program runs as.
    ///
    /// Only root can give files away.
    public var owner: String?
    /// Their group; `nil` for the usual one.
    ///
    /// Without root it has to be one of the user's own groups.
    public var group: String?
    /// Their permissions, such as 0o640; `nil` for what the umask leaves.
    public var permissions: UInt32?

    /// Files as they come.
    public init() {}

    /// What a configuration says.
    public init(_ configuration: WriterConfiguration) {
        owner = configuration.owner
        group = configuration.group
        permissions = configuration.permissions.flatMap(Self.permissions)
    }

    /// Permissions from their octal digits; `nil` for anything that makes no sense for a file of data.
    public static func permissions(_ digits: String) -> UInt32? {
        WriterConfiguration.permissions(digits)
    }

    /// Finds the numbers of the names, and whether this program may give files to them.
    func resolved() throws(WriteRefusal) -> ResolvedOwnership? {
        guard owner != nil || group != nil || permissions != nil else { return nil }
        var resolved = ResolvedOwnership(permissions: permissions.map { mode_t($0) })
        if let owner {
            guard let user = Self.user(owner) else {
                throw WriteRefusal(.ownership, expected: "a user of this host as owner", found: owner.debugDescription)
            }
            guard geteuid() == 0 || user == geteuid() else {
                throw WriteRefusal(
                    .ownership, expected: "an owner that files can be given to", found: owner.debugDescription,
                    advice: "only root can give files away; run this program as root or as that user, or ask for a group")
            }
            resolved.user = user
        }
        if let group {
            guard let number = Self.group(group) else {
                throw WriteRefusal(.ownership, expected: "a group of this host", found: group.debugDescription)
            }
            guard geteuid() == 0 || number == getegid() || Self.ownGroups.contains(number) else {
                throw WriteRefusal(
                    .ownership, expected: "a group of the user this program runs as", found: group.debugDescription,
                    advice: "add the user to the group, or run this program as root")
            }
            resolved.group = number
        }
        return resolved
    }

    private static func user(_ name: String) -> uid_t? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16384) { buffer in
            guard let base = buffer.baseAddress, getpwnam_r(name, &entry, base, buffer.count, &found) == 0, found != nil else {
                return nil
            }
            return entry.pw_uid
        }
    }

    private static func group(_ name: String) -> gid_t? {
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        // Large groups list many members.
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1 << 20) { buffer in
            guard let base = buffer.baseAddress, getgrnam_r(name, &entry, base, buffer.count, &found) == 0, found != nil else {
                return nil
            }
            return entry.gr_gid
        }
    }

    private static var ownGroups: [gid_t] {
        let count = getgroups(0, nil)
        guard count > 0 else { return [] }
        var groups = [gid_t](repeating: 0, count: Int(count))
        return Array(groups.prefix(Int(max(0, getgroups(count, &groups)))))
    }
}

/// The same in numbers.
struct ResolvedOwnership: Sendable, Hashable {
    var user: uid_t?
    var group: gid_t?
    var permissions: mode_t?

    init(permissions: mode_t?) { self.permissions = permissions }

    /// Gives an open file away.
    ///
    /// - Returns: 0 or the number of the error.
    func apply(to descriptor: Int32) -> Int32 {
        if user != nil || group != nil, fchown(descriptor, user ?? uid_t.max, group ?? gid_t.max) != 0 { return errno }
        if let permissions, fchmod(descriptor, permissions) != 0 { return errno }
        return 0
    }

    /// Gives a directory away; its permissions let those search it who may read its files.
    func apply(toDirectory descriptor: Int32) -> Int32 {
        var directory = self
        directory.permissions = permissions.map { $0 | ($0 & 0o444) >> 2 }
        return directory.apply(to: descriptor)
    }
}
