/// A declared argument and the type of its value.
///
/// A command keeps one constant of this type for each of its arguments.
struct Argument<Value: Sendable>: Sendable {
    let declaration: ArgumentDeclaration
    /// Turns the texts given on the command line, none if the argument is absent, into the value.
    let convert: @Sendable (_ texts: [String]) throws(UsageProblem) -> Value

    /// `--name`, absent or present.
    static func flag(_ name: String, help: String) -> Argument where Value == Bool {
        Argument(declaration: ArgumentDeclaration(name: name, form: .flag, valueName: "", help: help)) {
            texts throws(UsageProblem) in !texts.isEmpty
        }
    }

    /// `--name VALUE`, absent or given once.
    static func option<Element>(
        _ name: String, _ valueName: String, _ kind: ValueKind<Element>, help: String
    ) -> Argument where Value == Element? {
        let declaration = ArgumentDeclaration(name: name, form: .option, valueName: valueName, help: help)
        return Argument(declaration: declaration) { texts throws(UsageProblem) in
            guard let text = texts.last else { return nil }
            return try kind.value(of: text, for: declaration)
        }
    }

    /// `--name VALUE` with a value that holds when it is absent; the help text must say which.
    static func option(
        _ name: String, _ valueName: String, _ kind: ValueKind<Value>, default value: Value, help: String
    ) -> Argument {
        let declaration = ArgumentDeclaration(name: name, form: .option, valueName: valueName, help: help)
        return Argument(declaration: declaration) { texts throws(UsageProblem) in
            guard let text = texts.last else { return value }
            return try kind.value(of: text, for: declaration)
        }
    }

    /// `--name VALUE` that must be given.
    static func required(
        _ name: String, _ valueName: String, _ kind: ValueKind<Value>, help: String
    ) -> Argument {
        let declaration = ArgumentDeclaration(
            name: name, form: .option, valueName: valueName, help: help, isRequired: true)
        return Argument(declaration: declaration) { texts throws(UsageProblem) in
            try kind.required(texts, for: declaration)
        }
    }

    /// `--name VALUE`, given any number of times.
    static func repeated<Element>(
        _ name: String, _ valueName: String, _ kind: ValueKind<Element>, help: String
    ) -> Argument where Value == [Element] {
        let declaration = ArgumentDeclaration(
            name: name, form: .option, valueName: valueName, help: help, isRepeated: true)
        return Argument(declaration: declaration) { texts throws(UsageProblem) in
            try kind.values(of: texts, for: declaration)
        }
    }

    /// An argument known by its place.
    static func positional(_ valueName: String, _ kind: ValueKind<Value>, help: String) -> Argument {
        let declaration = ArgumentDeclaration(
            name: valueName, form: .positional, valueName: valueName, help: help, isRequired: true)
        return Argument(declaration: declaration) { texts throws(UsageProblem) in
            try kind.required(texts, for: declaration)
        }
    }

    /// An argument known by its place that may be left out.
    static func optionalPositional<Element>(
        _ valueName: String, _ kind: ValueKind<Element>, help: String
    ) -> Argument where Value == Element? {
        let declaration = ArgumentDeclaration(name: valueName, form: .positional, valueName: valueName, help: help)
        return Argument(declaration: declaration) { texts throws(UsageProblem) in
            guard let text = texts.last else { return nil }
            return try kind.value(of: text, for: declaration)
        }
    }

    /// Any number of arguments known by their place, at least one if they are required; only the last positional argument of
    /// a command may be this.
    static func positionals<Element>(
        _ valueName: String, _ kind: ValueKind<Element>, isRequired: Bool = true, help: String
    ) -> Argument where Value == [Element] {
        let declaration = ArgumentDeclaration(
            name: valueName, form: .positional, valueName: valueName, help: help, isRequired: isRequired, isRepeated: true)
        return Argument(declaration: declaration) { texts throws(UsageProblem) in
            guard !texts.isEmpty || !isRequired else { throw .missing(declaration) }
            return try kind.values(of: texts, for: declaration)
        }
    }
}
