// Where images are written.

extension HostCheck {
    /// Space for less than so many seconds is soon full.
    private static let leastTime = 600.0

    static let storage: Rule = { facts, demand in
        guard demand.writePath != nil else { return [] }
        guard let target = facts.target else { return unknown("storage", "where images are to be written", at: "--write") }
        let folder = quoted(target.folder)
        guard target.exists else {
            return [
                Finding(
                    .problem, "storage", "there is no folder \(target.folder)", recommended: "a folder that exists",
                    reason: "a run makes files, not folders", command: "mkdir -p \(folder)")
            ]
        }
        guard let system = target.fileSystem else { return unknown("storage", "the file system", at: target.folder) }
        guard !system.isReadOnly else {
            return [
                Finding(
                    .problem, "storage", "\(target.folder) is on a file system (\(system.name)) that is read-only",
                    recommended: "a file system that can be written", reason: "no file can be made",
                    command: "findmnt --target \(folder)")
            ]
        }
        guard target.isWritable else {
            return [
                Finding(
                    .problem, "storage", "this user may not make files in \(target.folder)",
                    recommended: "write permission, or another folder", reason: "no file can be made",
                    command: "ls -ld \(folder); id")
            ]
        }
        return kind(of: system, folder: target.folder) + [space(in: system, folder: target.folder, demand)]
    }

    private static func kind(of system: StorageTarget.FileSystem, folder: String) -> [Finding] {
        guard system.isMemory || system.isRemote else { return [] }
        return [
            Finding(
                .warning, "file-system", "\(folder) is on \(system.name)", recommended: "a local or a parallel file system",
                reason: system.isMemory
                    ? "files there take memory from the images, and are gone when the host stops"
                    : "it is slow, and stops when the server does; images then pile up in memory and are lost",
                command: "findmnt --target \(quoted(folder))")
        ]
    }

    private static func space(in system: StorageTarget.FileSystem, folder: String, _ demand: HostDemand) -> Finding {
        let free = "\(folder) (\(system.name)) has \(HostText.bytes(system.available)) free"
        guard demand.imageBytes > 0 else { return Finding(.ok, "disk-space", free) }
        let images = system.available / demand.imageBytes
        let times = demand.rates.map {
            "\(HostText.time(Double(system.available) / (Double(demand.imageBytes) * $0))) at \(HostText.rate($0))"
        }
        let found = "\(free): room for \(images) images, \(times.joined(separator: ", "))"
        let seconds = Double(images) / (demand.rates.first ?? 1)
        guard images == 0 || seconds < leastTime else { return Finding(.ok, "disk-space", found) }
        return Finding(
            images == 0 ? .problem : .warning, "disk-space", found, recommended: "room for \(HostText.time(leastTime)) or more",
            reason: "a file ends where the space ends", command: "df -h \(quoted(folder))")
    }

    /// A path as one word of a shell's command line.
    private static func quoted(_ path: String) -> String {
        let plain = path.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || $0.properties.numericType != nil || "/._-+".unicodeScalars.contains($0)
        }
        // In single quotes only the single quote itself is special.
        return plain ? path : "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
