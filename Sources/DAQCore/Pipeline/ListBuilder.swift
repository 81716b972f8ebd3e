/// Lets stages and sinks be listed in braces, one a line, with `if` and `for`.
@resultBuilder
public enum ListBuilder<Element> {
    /// One element.
    public static func buildExpression(_ element: Element) -> [Element] { [element] }
    /// Several elements.
    public static func buildBlock(_ elements: [Element]...) -> [Element] { elements.flatMap { $0 } }
    /// Elements under a condition.
    public static func buildOptional(_ elements: [Element]?) -> [Element] { elements ?? [] }
    /// Elements of the first alternative.
    public static func buildEither(first elements: [Element]) -> [Element] { elements }
    /// Elements of the second alternative.
    public static func buildEither(second elements: [Element]) -> [Element] { elements }
    /// Elements of a loop.
    public static func buildArray(_ elements: [[Element]]) -> [Element] { elements.flatMap { $0 } }
}
