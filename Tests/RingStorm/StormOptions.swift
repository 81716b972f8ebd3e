/// What one process of a storm does: a role, the name of a ring, and numbers, as `key=value` words.
struct StormOptions {
    let role: String
    let ring: String
    private let numbers: [String: Int]

    init?(_ words: [String]) {
        guard words.count >= 2 else { return nil }
        (role, ring) = (words[0], words[1])
        var numbers: [String: Int] = [:]
        for word in words.dropFirst(2) {
            let parts = word.split(separator: "=")
            guard parts.count == 2, let value = Int(parts[1]) else { return nil }
            numbers[String(parts[0])] = value
        }
        self.numbers = numbers
    }

    /// A number, if it was given.
    subscript(key: String) -> Int? { numbers[key] }

    /// A number, or what it is without being given.
    func callAsFunction(_ key: String, _ standard: Int) -> Int { numbers[key] ?? standard }
}
