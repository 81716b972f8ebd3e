/// The texts of a command line, sorted by the arguments they belong to.
struct ParsedArguments: Sendable {
    /// Texts by argument name; a flag that is present has one empty text.
    var texts: [String: [String]] = [:]

    /// The value of an argument.
    func callAsFunction<Value>(_ argument: Argument<Value>) throws(UsageProblem) -> Value {
        try argument.convert(texts[argument.declaration.name] ?? [])
    }

    /// Demands that at most one of two arguments is present.
    func exclusive<One, Other>(_ one: Argument<One>, _ other: Argument<Other>) throws(UsageProblem) {
        if texts[one.declaration.name] != nil, texts[other.declaration.name] != nil {
            throw .exclusive(one.declaration, other.declaration)
        }
    }
}
