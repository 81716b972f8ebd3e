/// What tells an image from all others of a ring.
struct ImageIdentity: Sendable, Equatable {
    var segment: UInt32
    var id: UInt64
}
