/// The part of a run's images that one of several writers stores: every image whose place in the run, its id divided by the
/// step of ids, leaves ``number`` - 1 when divided by ``count``.
///
/// So every writer gets images at the same pace, which images it gets does not depend on what others do or on lost images,
/// and a file that shows all of them needs one regular selection for each file of a share (``GatheredShares``).
public struct WriteShare: Sendable, Hashable, CustomStringConvertible {
    /// Writers that may share a run.
    public static let most = 64

    /// Which one this is, from 1.
    public let number: Int
    /// How many writers there are.
    public let count: Int

    /// The share of a writer; `nil` when there is no such share.
    public init?(_ number: Int, of count: Int) {
        guard (1...Self.most).contains(count), (1...count).contains(number) else { return nil }
        self.number = number
        self.count = count
    }

    /// A share as it is written on a command line, such as "2/3".
    public init?(_ text: String) {
        let words = text.split(separator: "/", omittingEmptySubsequences: false)
        guard words.count == 2, let number = Int(words[0]), let count = Int(words[1]) else { return nil }
        self.init(number, of: count)
    }

    /// Such as "2/3".
    public var description: String { "\(number)/\(count)" }

    /// The file of this share of a file: `run_share2of3.h5` for `run.h5`.
    public func path(of whole: String) -> String {
        let (stem, suffix) = PartNames.split(whole)
        return stem + ending + suffix
    }

    /// The file that shows all shares, from the file of this one.
    public func whole(of path: String) -> String {
        let (stem, suffix) = PartNames.split(path)
        return stem.hasSuffix(ending) ? stem.dropLast(ending.count) + suffix : path
    }

    private var ending: String { "_share\(number)of\(count)" }

    /// Whether the image at a place of the run belongs to it.
    func contains(_ place: UInt64) -> Bool { place % UInt64(count) == UInt64(number - 1) }

    /// How many of so many consecutive places, from the first one on, belong to it.
    func images(of places: UInt64, from first: UInt64) -> UInt64 { images(before: first + places) - images(before: first) }

    private func images(before place: UInt64) -> UInt64 {
        place / UInt64(count) + (place % UInt64(count) > UInt64(number - 1) ? 1 : 0)
    }
}
