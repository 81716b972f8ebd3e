import CDAQHDF5
import DAQCore

/// A number that is the same in memory and in a file.
protocol HDF5Scalar: BitwiseCopyable, Comparable, Sendable {
    /// The library's identifier of this type; never closed.
    static var hdf5Type: hid_t { get }
    /// 0.
    init()
}

extension Int8: HDF5Scalar { static var hdf5Type: hid_t { cdaq_h5t_native_int8() } }
extension Int16: HDF5Scalar { static var hdf5Type: hid_t { cdaq_h5t_native_int16() } }
extension Int32: HDF5Scalar { static var hdf5Type: hid_t { cdaq_h5t_native_int32() } }
extension Int64: HDF5Scalar { static var hdf5Type: hid_t { cdaq_h5t_native_int64() } }
extension UInt8: HDF5Scalar { static var hdf5Type: hid_t { cdaq_h5t_native_uint8() } }
extension UInt16: HDF5Scalar { static var hdf5Type: hid_t { cdaq_h5t_native_uint16() } }
extension UInt32: HDF5Scalar { static var hdf5Type: hid_t { cdaq_h5t_native_uint32() } }
extension UInt64: HDF5Scalar { static var hdf5Type: hid_t { cdaq_h5t_native_uint64() } }
extension Float: HDF5Scalar { static var hdf5Type: hid_t { cdaq_h5t_native_float() } }
extension Double: HDF5Scalar { static var hdf5Type: hid_t { cdaq_h5t_native_double() } }

extension PixelType {
    /// The library's identifier of this pixel type.
    var hdf5Type: hid_t {
        switch self {
        case .uint8: UInt8.hdf5Type
        case .uint16: UInt16.hdf5Type
        case .uint32: UInt32.hdf5Type
        case .int16: Int16.hdf5Type
        case .int32: Int32.hdf5Type
        case .float32: Float.hdf5Type
        }
    }
}
