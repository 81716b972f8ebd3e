"""The protobuf messages of std-daq, described here and encoded by Google's package.

Field numbers: interface/std_buffer/image_metadata.proto of the std detector buffer.
"""
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

U32, U64, BOOL, STRING, ENUM, MESSAGE = 13, 4, 8, 9, 14, 11
FIELDS = {
    "GFImageMetadata": [
        ("scan_id", 1, U32), ("scan_time", 2, U32), ("sync_time", 3, U32), ("frame_timestamp", 4, U64),
        ("exposure_time", 5, U64), ("store_image", 6, BOOL)],
    "JFImageMetadata": [("daq_rec", 1, U64)],
    "EGImageMetadata": [("exptime", 1, U64)],
    "PcoImageMetadata": [("global_timestamp_sec", 1, U64), ("global_timestamp_ns", 2, U64), ("bsread_name", 3, STRING)],
    "ImageMetadata": [
        ("image_id", 1, U64), ("height", 2, U64), ("width", 3, U64), ("size", 4, U64), ("dtype", 5, "ImageMetadataDtype"),
        ("status", 6, "ImageMetadataStatus"), ("compression", 7, "ImageMetadataCompression"), ("gf", 8, "GFImageMetadata"),
        ("jf", 9, "JFImageMetadata"), ("eg", 10, "EGImageMetadata"), ("pco", 11, "PcoImageMetadata")],
}
ENUMS = {
    "ImageMetadataDtype": {
        "unknown": 0, "uint8": 1, "uint16": 2, "uint32": 4, "uint64": 8, "int8": 11, "int16": 12, "int32": 14, "int64": 18,
        "float16": 22, "float32": 24, "float64": 28},
    "ImageMetadataStatus": {"undefined": 0, "good_image": 1, "missing_packets": 2, "id_missmatch": 3},
    "ImageMetadataCompression": {"none": 0, "h5bitshuffle_lz4": 1, "blosc2": 2},
}

file = descriptor_pb2.FileDescriptorProto(name="image_metadata.proto", package="std_daq_protocol", syntax="proto3")
for name, values in ENUMS.items():
    enum = file.enum_type.add(name=name)
    for value, number in values.items():
        enum.value.add(name=value, number=number)
for name, fields in FIELDS.items():
    message = file.message_type.add(name=name)
    if name == "ImageMetadata":
        message.oneof_decl.add(name="image_metadata")
    for field, number, kind in fields:
        added = message.field.add(name=field, number=number, label=1)
        if isinstance(kind, int):
            added.type = kind
        else:
            added.type = ENUM if kind in ENUMS else MESSAGE
            added.type_name = f".std_daq_protocol.{kind}"
            if added.type == MESSAGE:
                added.oneof_index = 0

pool = descriptor_pool.DescriptorPool()
pool.Add(file)
ImageMetadata = message_factory.GetMessageClass(pool.FindMessageTypeByName("std_daq_protocol.ImageMetadata"))
