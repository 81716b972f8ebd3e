import DAQWriter

/// What a file shows, or should show, and cannot: images of other files, and parts beside it that are not complete.
struct FileCompleteness {
    /// Files that hold images of this one and cannot be read.
    let unreadable: [ImageFileSource]
    /// Parts that the file does not show yet.
    let unfinished: [UnfinishedPart]
    private let path: String

    /// Opens a file of images, and says which part lies there when there is none.
    static func open(_ path: String) throws -> HDF5ImageFile {
        do throws(HDF5Error) {
            return try HDF5ImageFile(path: path)
        } catch {
            let unfinished = UnfinishedPart.beside(path)
            guard error.code == .notFound, !unfinished.isEmpty else { throw error }
            throw CommandFailure(reason: "\(error); " + unfinished.map { $0.text(of: path) }.joined(separator: "; "))
        }
    }

    /// Looks for the files that a file shows, and for parts beside it.
    init(_ file: borrowing HDF5ImageFile) throws {
        path = file.path
        unreadable = try file.sources().filter { $0.problem != nil }
        unfinished = UnfinishedPart.beside(file.path)
    }

    /// Complaints, one line each; empty when there are none.
    var text: String {
        (unreadable.compactMap(\.complaint) + unfinished.map { $0.text(of: path) }).map { $0 + "\n" }.joined()
    }

    /// Members of a summary.
    var json: [JSONValue.Member] {
        let unreadable: [JSONValue] = unreadable.map { source in
            [
                "file": .string(source.path), "missing": .flag(source.isMissing), "images": .integer(Int64(source.images)),
                "reason": source.problem.map { .string($0) } ?? .null,
            ]
        }
        return [
            JSONValue.Member(key: "unreadable_files", value: .array(unreadable)),
            JSONValue.Member(key: "unfinished_parts", value: Self.json(unfinished)),
        ]
    }

    /// Parts for machines.
    static func json(_ parts: [UnfinishedPart]) -> JSONValue {
        .array(parts.map { ["file": .string($0.path), "writer": .string($0.writer.rawValue)] })
    }
}

extension UnfinishedPart {
    /// What lies there, and what to do.
    ///
    /// - Parameter whole: the file that was asked for when writing began.
    func text(of whole: String) -> String {
        let state =
            switch writer {
            case .writing: "is being written"
            case .killed: "its writer was killed: daqctl recover \(whole)"
            case .unknown: "it cannot be read, so nobody can tell whether it is being written"
            }
        return "a part that is not complete lies beside it: \(path) (\(state))"
    }
}
