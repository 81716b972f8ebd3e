// How a loop is compiled for several instruction sets.
#ifndef CDAQ_VARIANTS_H
#define CDAQ_VARIANTS_H

// A target the compiler does not know would silently leave baseline code.
#pragma clang diagnostic error "-Wignored-attributes"

#if defined(__x86_64__) && defined(__linux__)
#define CDAQ_MULTIVERSION 1
// The dynamic loader picks the variant once, at load: earlier than the thread sanitizer can bear to be called.
#if defined(__has_feature) && __has_feature(thread_sanitizer)
#define CDAQ_CLONES
#else
#define CDAQ_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#endif
#define CDAQ_TARGET_V3 __attribute__((target("arch=x86-64-v3")))
#define CDAQ_TARGET_V4 __attribute__((target("arch=x86-64-v4")))
#else
#define CDAQ_MULTIVERSION 0
#define CDAQ_CLONES
#endif

#define CDAQ_BODY static inline __attribute__((always_inline))

#endif
