import DAQWriter

/// What came of putting the shares of a run together: done by the writer that ends last, or by `daqctl gather`.
enum ShareGathering {
    case gathered(GatheredShares)
    /// Others are writing, have not begun, or have done it.
    case left(GatheredShares.Obstacle, path: String)
    case failed(String)

    /// Gathers the shares of a file if all of them are there.
    init(_ path: String) {
        do {
            self = .gathered(try GatheredShares(path: path, progress: CrashGuard.expectProgress))
        } catch let obstacle as GatheredShares.Obstacle {
            self = .left(obstacle, path: path)
        } catch {
            self = .failed("the shares were not gathered into \(path): \(error); daqctl gather \(path) tries it again")
        }
    }

    /// Why there is no file, although nobody else is going to make it.
    var failure: String? {
        switch self {
        case .failed(let reason): reason
        case .gathered, .left: nil
        }
    }

    /// The file; `null` when it was not made here.
    var json: JSONValue {
        guard case .gathered(let shares) = self else { return .null }
        return .object(shares.members)
    }

    /// Lines for people.
    var text: String {
        switch self {
        case .gathered(let shares): shares.text
        case .left(let obstacle, let path): obstacle.text(path) + "\n"
        case .failed(let reason): reason + "\n"
        }
    }
}

extension GatheredShares.Obstacle {
    /// What is in the way, and what to do.
    func text(_ path: String) -> String {
        switch self {
        case .none: "there are no shares of \(path), which daqctl write --share would have written"
        case .writing(let shares):
            "\(Self.words(shares)) still being written; the last one to end gathers all shares into \(path)"
        case .absent(let shares):
            "\(Self.words(shares)) not there; when they are not going to be, name the files to daqctl gather \(path) FILE.h5..."
        case .done: "\(path) shows all shares already"
        }
    }

    private static func words(_ shares: [Int]) -> String {
        "share\(shares.count == 1 ? "" : "s") \(shares.map { "\($0)" }.joined(separator: ", ")) \(shares.count == 1 ? "is" : "are")"
    }
}

extension GatheredShares {
    /// The members of a result.
    var members: [JSONValue.Member] {
        let recovered: [JSONValue] = self.recovered.map { share in
            [
                "share": .integer(Int64(share.share)), "images": .integer(Int64(share.images)),
                "problem": share.problem.map { .string($0) } ?? .null,
            ]
        }
        let members: JSONValue = [
            "file": .string(file.path), "images": .integer(Int64(file.images)), "missing": .unsigned(file.missingImages),
            "sorted": .flag(file.isSorted), "shares": .integer(Int64(shares)), "recovered": .array(recovered),
        ]
        guard case .object(let all) = members else { return [] }
        return all
    }

    /// Lines for people.
    var text: String {
        var text = "\(file.path): \(Quantity.images(UInt64(file.images))) of \(Quantity.of(UInt64(shares), "writer"))"
        text += file.isSorted ? ", in the order of their ids\n" : ", one file after another, as they have no ids\n"
        if file.missingImages > 0 {
            text += "  \(Quantity.count(file.missingImages)) ids in between are in none of the files\n"
        }
        for share in recovered {
            text += "  share \(share.share) was not completed by its writer; "
            text += "\(Quantity.count(UInt64(share.images))) images of it are there\n"
            if let problem = share.problem { text += "  NOT READABLE: \(problem)\n" }
        }
        return text
    }
}
