/// In which order the images of several files stand in a virtual dataset.
struct ImageOrder: Sendable, Equatable {
    /// Consecutive images of a file, which stand at regular distances in the whole.
    struct Run: Sendable, Equatable {
        var source: Int
        /// First row in the source.
        var start: Int
        var count: Int
        /// Row of the first one in the whole.
        var destination: Int
        /// Distance of neighbours in the whole.
        var stride: Int
    }

    var runs: [Run] = []
    /// Images in the whole.
    var images: Int = 0

    /// One file after another.
    init(appending counts: [Int]) {
        for (source, count) in counts.enumerated() where count > 0 {
            runs.append(Run(source: source, start: 0, count: count, destination: images, stride: 1))
            images += count
        }
    }

    /// An image as several files may have it.
    private struct Entry {
        var segment: UInt64
        var id: UInt64
        var source: Int
        var row: Int
    }

    /// By segment and id, as several writers of one run need it.
    ///
    /// - Parameter keys: segment and id of every image, a list for each file.
    /// - Throws: ``Duplicate`` when two images have the same segment and id.
    init(sorting keys: [[(segment: UInt64, id: UInt64)]]) throws(Duplicate) {
        var entries: [Entry] = []
        for (source, keys) in keys.enumerated() {
            for (row, key) in keys.enumerated() {
                entries.append(Entry(segment: key.segment, id: key.id, source: source, row: row))
            }
        }
        entries.sort { ($0.segment, $0.id, $0.source, $0.row) < ($1.segment, $1.id, $1.source, $1.row) }
        // The run of each source that may still go on.
        var open: [Int: Run] = [:]
        for (place, entry) in entries.enumerated() {
            if place > 0, entries[place - 1].segment == entry.segment, entries[place - 1].id == entry.id {
                throw Duplicate(segment: entry.segment, id: entry.id, sources: (entries[place - 1].source, entry.source))
            }
            if var run = open[entry.source] {
                let last = run.destination + (run.count - 1) * run.stride
                if entry.row == run.start + run.count, run.count == 1 || place - last == run.stride {
                    if run.count == 1 { run.stride = place - last }
                    run.count += 1
                    open[entry.source] = run
                    continue
                }
                runs.append(run)
            }
            open[entry.source] = Run(source: entry.source, start: entry.row, count: 1, destination: place, stride: 1)
        }
        runs += open.values
        runs.sort { $0.destination < $1.destination }
        images = entries.count
    }

    /// Two files have the same image.
    struct Duplicate: Error {
        var segment: UInt64
        var id: UInt64
        var sources: (Int, Int)
    }
}
