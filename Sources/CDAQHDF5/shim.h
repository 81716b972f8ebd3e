// HDF5 for Swift: functions in place of the macros, and of the library's mutable globals, that Swift cannot import.
// Nothing else lives here.
#ifndef CDAQHDF5_SHIM_H
#define CDAQHDF5_SHIM_H

#include <hdf5.h>

static inline hid_t cdaq_h5t_native_int8(void) { return H5T_NATIVE_INT8; }
static inline hid_t cdaq_h5t_native_int16(void) { return H5T_NATIVE_INT16; }
static inline hid_t cdaq_h5t_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t cdaq_h5t_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t cdaq_h5t_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t cdaq_h5t_native_uint16(void) { return H5T_NATIVE_UINT16; }
static inline hid_t cdaq_h5t_native_uint32(void) { return H5T_NATIVE_UINT32; }
static inline hid_t cdaq_h5t_native_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t cdaq_h5t_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t cdaq_h5t_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t cdaq_h5t_c_s1(void) { return H5T_C_S1; }
static inline size_t cdaq_h5t_variable(void) { return H5T_VARIABLE; }

static inline hid_t cdaq_h5p_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t cdaq_h5p_link_create(void) { return H5P_LINK_CREATE; }
static inline hid_t cdaq_h5p_dataset_create(void) { return H5P_DATASET_CREATE; }

static inline unsigned cdaq_h5f_acc_rdwr(void) { return H5F_ACC_RDWR; }
static inline unsigned cdaq_h5f_acc_rdonly(void) { return H5F_ACC_RDONLY; }
static inline unsigned cdaq_h5f_acc_trunc(void) { return H5F_ACC_TRUNC; }
static inline unsigned cdaq_h5f_acc_excl(void) { return H5F_ACC_EXCL; }

static inline hsize_t cdaq_h5s_unlimited(void) { return H5S_UNLIMITED; }
static inline hid_t cdaq_h5e_default(void) { return H5E_DEFAULT; }

// Versioned by macro: which of their forms is meant depends on the library's configuration.
static inline herr_t cdaq_h5l_type(hid_t location, const char *name, H5L_type_t *type) {
    H5L_info_t info;
    herr_t result = H5Lget_info(location, name, &info, H5P_DEFAULT);
    if (result >= 0) *type = info.type;
    return result;
}
static inline herr_t cdaq_h5o_address(hid_t object, haddr_t *address) {
    H5O_info_t info;
    herr_t result = H5Oget_info(object, &info);
    if (result >= 0) *address = info.addr;
    return result;
}

// Metadata stays in memory until the file is flushed: no part of it is written before the rest of it.
static inline herr_t cdaq_h5p_keep_metadata(hid_t access) {
    H5AC_cache_config_t config = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};
    herr_t result = H5Pget_mdc_config(access, &config);
    if (result < 0) return result;
    config.evictions_enabled = 0;
    config.incr_mode = H5C_incr__off;
    config.flash_incr_mode = H5C_flash_incr__off;
    config.decr_mode = H5C_decr__off;
    return H5Pset_mdc_config(access, &config);
}

// What h5clear sets: a file is opened although it is marked as open, and although its end is not where it should be.
static inline herr_t cdaq_h5p_clear_flags(hid_t access) {
    hbool_t yes = 1;
    herr_t result = H5Pset(access, "clear_status_flags", &yes);
    return result < 0 ? result : H5Pset(access, "skip_eof_check", &yes);
}

#endif
