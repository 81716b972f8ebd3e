import Glibc

/// Turns a crash of the HDF5 library, and a loop without end in it, into an error message and an exit code.
///
/// The library (1.10.8) reads and writes outside its memory, and goes round in circles, when the metadata of a file is
/// damaged in certain ways. The file commands use it on the main thread only, which is the one whose stack is guarded.
enum CrashGuard {
    /// Seconds of a processor after which nothing is expected to come any more; set once as well.
    nonisolated(unsafe) private static var patience = 30
    /// What to say; set once before a handler can run, and never freed.
    nonisolated(unsafe) private static var crashMessage: UnsafeMutableBufferPointer<UInt8>?
    nonisolated(unsafe) private static var loopMessage: UnsafeMutableBufferPointer<UInt8>?

    /// From now on a crash of this process is an error with exit code 1, and so is using a processor for too long in vain.
    ///
    /// - Parameter patience: seconds of a processor from here to the first progress, and between any two.
    static func install(command: String, patience: Int = 30) {
        self.patience = patience
        let end = "on this file: it is damaged, or was made to do that\n"
        crashMessage = copy("daqctl \(command): the HDF5 library has crashed \(end)")
        loopMessage = copy("daqctl \(command): the HDF5 library does not come to an end \(end)")
        // The stack itself may be what is used up.
        var stack = stack_t()
        stack.ss_size = 64 << 10
        stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: stack.ss_size, alignment: 16)
        sigaltstack(&stack, nil)
        var action = sigaction()
        action.sa_flags = SA_ONSTACK
        action.__sigaction_handler.sa_handler = { _ in CrashGuard.end(CrashGuard.crashMessage) }
        for signal in [SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL, SIGTRAP] { sigaction(signal, &action, nil) }
        action.__sigaction_handler.sa_handler = { _ in CrashGuard.end(CrashGuard.loopMessage) }
        sigaction(SIGPROF, &action, nil)
        expectProgress()
    }

    /// To be called whenever something was achieved: the process ends when it then uses up its patience.
    ///
    /// Time in which it waits for a disk does not count. Without ``install(command:)`` nothing happens.
    static func expectProgress() {
        guard loopMessage != nil else { return }
        var time = itimerval()
        time.it_value.tv_sec = patience
        setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &time, nil)
    }

    /// Only calls that are allowed in handlers: memory may be in any state.
    private static func end(_ message: UnsafeMutableBufferPointer<UInt8>?) {
        if let message { _ = write(2, message.baseAddress, message.count) }
        _exit(ExitCode.failed.rawValue)
    }

    private static func copy(_ text: String) -> UnsafeMutableBufferPointer<UInt8> {
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
        _ = bytes.initialize(from: text.utf8)
        return bytes
    }
}
