extension IncompleteImages {
    /// The streams of which nothing came, one line each.
    var silenceLines: [String] {
        silentStreams.map { "\(name(ofStream: $0)): not a single usable packet; is that module on, and its cable in?" }
    }

    /// The same for machines.
    var silenceJSON: JSONValue {
        .array(
            silentStreams.map { stream in
                ["stream": .integer(Int64(stream)), "port": ports[stream].map { .integer(Int64($0)) } ?? .null]
            })
    }

    /// What is missing, such as `image 7 lacks packets of stream 0 (UDP port 50020): 3, 10-12`: images that lack the same one
    /// after another share a line.
    ///
    /// - Parameter limit: the most lines.
    func lines(limit: Int) -> [String] {
        var lines: [String] = []
        var rest = entries[...]
        while let first = rest.first, lines.count < limit {
            let group = rest.prefix { $0.segment == first.segment && $0.runs == first.runs }
            lines.append(line(group))
            rest = rest.dropFirst(group.count)
        }
        if !rest.isEmpty { lines.append("(and more incomplete images; the file or --json lists them)") }
        return lines
    }

    private func line(_ group: ArraySlice<Entry>) -> String {
        guard let first = group.first, let last = group.last else { return "" }
        let segment = first.segment == 0 ? "" : " of segment \(first.segment)"
        let isDense = last.id >= first.id && (last.id - first.id) / max(1, idStep) == UInt64(group.count - 1)
        let images =
            group.count == 1
            ? "image \(first.id)\(segment)"
            : (isDense ? "images \(first.id) to \(last.id)" : "\(group.count) images between \(first.id) and \(last.id)")
                + segment
        let isOne = group.count == 1
        guard !first.runs.isEmpty else {
            return images
                + (isOne ? " is not complete; what it lacks is not known" : " are not complete; what they lack is not known")
        }
        return images + (isOne ? " lacks packets " : " lack packets ") + packets(first.runs)
    }

    private func packets(_ runs: [Run]) -> String {
        var parts: [String] = []
        for (index, run) in runs.enumerated() {
            let packets = run.first == run.last ? "\(run.first)" : "\(run.first)-\(run.last)"
            if index > 0, runs[index - 1].stream == run.stream, let last = parts.indices.last {
                parts[last] += ", \(packets)"
            } else {
                parts.append("of \(name(ofStream: run.stream)): \(packets)")
            }
        }
        return parts.prefix(4).joined(separator: "; ") + (parts.count > 4 ? "; and of \(parts.count - 4) more streams" : "")
    }

    private func name(ofStream stream: Int) -> String {
        "stream \(stream)" + (ports[stream].map { " (UDP port \($0))" } ?? "")
    }
}
