/// Where images come from: a detector's packets, a capture file, or your own code.
public protocol ImageSource: AnyObject, Sendable {
    /// Acquires everything that can fail or take time: sockets are bound and memory is touched when it returns.
    func prepare() throws

    /// Delivers images in ascending order, each to `deliver`, until the source ends or ``stop()`` is called; then gives back
    /// what ``prepare()`` acquired, and returns.
    ///
    /// After a ``stop()`` that came before, it returns at once.
    /// `deliver` is called by one thread at a time.
    func run(_ deliver: @escaping @Sendable (Image) -> Void) throws

    /// Asks ``run(_:)`` to publish what it has and return. May be called from any thread, and more than once.
    func stop()

    /// What happened to packets and images so far.
    var ledger: ReceiveLedger { get }
}
