import CDAQLinux

/// Short sleeps between two looks.
enum Pause {
    static func milliseconds(_ count: UInt32) { cdaq_sleep_us(count * 1000) }
}
