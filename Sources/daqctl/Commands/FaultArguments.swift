import DAQSimulator

/// Faults that `simulate` and `replay` put into a stream of packets on purpose; every choice follows from one seed.
struct FaultArguments: Sendable, Equatable {
    static let loss = Argument.option(
        "loss", "P", .probability, default: 0, help: "Lose each packet with this probability (0).")
    static let drop = Argument<[PacketAddress]>.repeated(
        "drop", "IMAGE:PORT:PACKET", .packet,
        help: "Lose this packet: frame number, UDP port or number of the stream from 0, packet number. May be repeated.")
    static let duplicate = Argument.option(
        "duplicate", "P", .probability, default: 0, help: "Send each packet twice with this probability (0).")
    static let reorder = Argument.option(
        "reorder", "N", .integer(0...65_536), default: 0, help: "Let packets of a stream be overtaken by up to N later ones (0).")
    static let corrupt = Argument.option(
        "corrupt", "P", .probability, default: 0, help: "Spoil the header or length of each packet with this probability (0).")
    static let seed = Argument.option(
        "seed", "S", .unsigned, default: 1, help: "Seed of all random choices; the same seed gives the same packets (1).")

    /// The declarations, in the order of the help text.
    static let declarations = [
        loss.declaration, drop.declaration, duplicate.declaration, reorder.declaration, corrupt.declaration, seed.declaration,
    ]

    let loss: Double
    let drops: [PacketAddress]
    let duplicate: Double
    let reorder: Int
    let corrupt: Double
    let seed: UInt64

    /// The faults that a command line asks for.
    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        loss = try arguments(Self.loss)
        drops = try arguments(Self.drop)
        duplicate = try arguments(Self.duplicate)
        reorder = try arguments(Self.reorder)
        corrupt = try arguments(Self.corrupt)
        seed = try arguments(Self.seed)
    }

    /// The faults as the simulator takes them.
    var plan: FaultPlan {
        var plan = FaultPlan()
        plan.seed = seed
        plan.loss = loss
        plan.duplicate = duplicate
        plan.reorder = reorder
        plan.corruption = corrupt
        plan.dropped = Set(drops)
        return plan
    }
}
