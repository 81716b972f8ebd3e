extension ConfigurationKey {
    /// The known key that somebody who wrote `name` in `group` probably meant.
    static func suggestion(for name: String, in group: String) -> String? {
        let written = name.lowercased().map { $0 == "-" ? "_" : $0 }
        guard written.count <= 64 else { return nil }
        let close = all.filter { $0.group == group }
            .map { (key: $0, distance: editDistance(written, Array($0.name))) }
            .filter { $0.distance <= max(1, min(3, written.count / 3)) }
        if let nearest = close.min(by: { $0.distance < $1.distance }) { return nearest.key.path }
        // The right name in the wrong group.
        return all.first { $0.name.elementsEqual(written) }?.path
    }

    /// The least number of characters to insert, delete, replace or swap with their neighbour to make one text the other.
    ///
    /// The restricted Damerau-Levenshtein distance, row by row.
    static func editDistance(_ first: [Character], _ second: [Character]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...second.count)
        for i in first.indices {
            var row = [i + 1]
            for j in second.indices {
                let replaced = previous[j] + (first[i] == second[j] ? 0 : 1)
                var least = min(replaced, previous[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, first[i] == second[j - 1], first[i - 1] == second[j] {
                    least = min(least, beforePrevious[j - 1] + 1)
                }
                row.append(least)
            }
            (beforePrevious, previous) = (previous, row)
        }
        return previous[second.count]
    }
}
