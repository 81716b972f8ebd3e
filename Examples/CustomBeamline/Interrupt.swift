import Dispatch
import Glibc

/// Calls `action` on Ctrl-C, instead of the end of the process, until the returned value is cancelled.
func onInterrupt(_ action: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
    signal(SIGINT, SIG_IGN)
    let interrupt = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    interrupt.setEventHandler(handler: action)
    interrupt.resume()
    return interrupt
}
