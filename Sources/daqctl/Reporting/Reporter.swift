import Synchronization

/// What a command says: results on standard output, progress and messages on standard error.
///
/// With `json` every result is one JSON object a line with the key `event`, the last one `summary`; without it results are
/// text. Any thread may call it; lines never mix, and a message never lands inside the progress line.
final class Reporter: Sendable {
    private let console: Console
    private let command: String
    private let json: Bool
    private let quiet: Bool
    /// The progress line that stands on the terminal, and the meter that made it.
    private let state: Mutex<(meter: ProgressMeter?, shown: String)>

    /// A reporter for one run of a command.
    init(_ command: String, console: Console, json: Bool, quiet: Bool = false) {
        self.command = command
        self.console = console
        self.json = json
        self.quiet = quiet
        state = Mutex((nil, ""))
    }

    /// Tells that something happened: an object `{"event":name,…}` for machines, a message for people.
    func event(_ name: String, _ members: JSONValue = [:], message: String) {
        if json {
            result(name, members, text: "")
        } else if !quiet {
            self.message(message)
        }
    }

    /// Gives a result: an object for machines, or text for people, which must end with a line's end.
    func result(_ name: String, _ members: JSONValue, text: String) {
        state.withLock { state in
            clearProgress(&state.shown)
            guard json else { return console.output.write(text) }
            var all = [JSONValue.Member(key: "event", value: .string(name))]
            if case .object(let members) = members { all += members }
            console.output.write(JSONValue.object(all).line)
        }
    }

    /// Says something that asks for attention; shown also when quiet.
    func warning(_ text: String) { message("warning: " + text) }

    /// Says something about the course of the work.
    func note(_ text: String) {
        if !quiet { message(text) }
    }

    /// Shows progress if it is time for it; to be called often.
    ///
    /// - Parameter time: seconds since any fixed moment; the first call starts the measurement.
    func progress(_ sample: ProgressMeter.Sample, at time: Double) {
        guard !quiet else { return }
        let isTerminal = console.error.isTerminal
        state.withLock { state in
            var meter = state.meter ?? ProgressMeter(isTerminal: isTerminal, startingAt: time)
            let line = meter.line(for: sample, at: time)
            state.meter = meter
            guard let line else { return }
            guard isTerminal else { return console.error.write("daqctl \(command): \(line)\n") }
            // A shorter line leaves nothing of a longer one behind.
            console.error.write("\r" + Quantity.left(line, state.shown.count))
            state.shown = line
        }
    }

    private func message(_ text: String) {
        state.withLock { state in
            clearProgress(&state.shown)
            console.error.write("daqctl \(command): \(text)\n")
        }
    }

    private func clearProgress(_ shown: inout String) {
        guard !shown.isEmpty else { return }
        console.error.write("\r" + String(repeating: " ", count: shown.count) + "\r")
        shown = ""
    }
}
