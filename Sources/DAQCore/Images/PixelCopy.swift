import CDAQKernels

/// Writes pixels along runs, unchanged.
///
/// Callers have checked that every run lies inside its payload and its slot; both may be unaligned. Pixels are written past
/// the cache: `cdaq_store_fence` comes before another thread is told of them.
enum PixelCopy {
    /// Copies the runs of a packet.
    @inline(__always)
    static func copy<Pixel: BitwiseCopyable>(
        _ runs: UnsafeBufferPointer<PixelRun>, step: Int, of: Pixel.Type, from payload: UnsafeRawPointer,
        to image: UnsafeMutableRawPointer
    ) {
        let size = MemoryLayout<Pixel>.size
        for run in runs {
            let source = payload + Int(run.source) &* size
            let destination = image + run.destination &* size
            if step == 1 {
                // Nobody on this processor looks at the image soon.
                cdaq_copy_streaming(destination, source, Int(run.count) &* size)
            } else {
                var index = 0
                while index < Int(run.count) {
                    let pixel = source.loadUnaligned(fromByteOffset: index &* size, as: Pixel.self)
                    destination.storeBytes(of: pixel, toByteOffset: index &* step &* size, as: Pixel.self)
                    index &+= 1
                }
            }
        }
    }

    /// Gives all pixels of the runs one value.
    static func fill<Pixel: BitwiseCopyable>(
        _ runs: UnsafeBufferPointer<PixelRun>, step: Int, with value: Pixel, in image: UnsafeMutableBufferPointer<Pixel>
    ) {
        for run in runs {
            var position = run.destination
            for _ in 0..<run.count {
                image[position] = value
                position &+= step
            }
        }
    }
}
