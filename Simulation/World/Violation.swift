/// Something that must always hold and did not.
package struct Violation: Error, Equatable, CustomStringConvertible {
    /// What was expected, and what was found.
    package let description: String
}

/// Throws when something does not hold.
@inline(__always)
func require(_ holds: Bool, _ message: @autoclosure () -> String) throws(Violation) {
    if !holds { throw Violation(description: message()) }
}

/// Throws when a number is not the expected one.
@inline(__always)
func requireEqual<Value: Equatable>(_ found: Value, _ expected: Value, _ what: @autoclosure () -> String) throws(Violation) {
    if found != expected { throw Violation(description: "\(what()): \(found), expected \(expected)") }
}
