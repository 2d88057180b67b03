{
  # The kernels are compiled once for each instruction set and chosen at run time, so that a build
  # made on one processor runs on another.
  "variables": {
    "kernel_flags": ["-std=c++17", "-O3", "-fno-math-errno", "-fno-trapping-math", "-Wall", "-Wextra"]
  },
  "target_defaults": {
    "cflags_cc": ["-std=c++17", "-O2", "-fexceptions", "-Wall", "-Wextra"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti"],
    "cflags": ["-fopenmp", "-fPIC", "-fvisibility=hidden"],
    "include_dirs": ["<!@(node scripts/find_onednn.mjs include)"],
    "conditions": [
      ["OS=='mac'", {
        "xcode_settings": {
          "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
          "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
          "MACOSX_DEPLOYMENT_TARGET": "12.0",
          "OTHER_CFLAGS": ["-Xpreprocessor", "-fopenmp"],
          "OTHER_LDFLAGS": ["-lomp"]
        }
      }]
    ]
  },
  "targets": [
    {
      "target_name": "onednn",
      "sources": ["native/addon.cc", "native/convolution.cc", "native/dispatch.cc"],
      "defines": ["NATIVE_SOURCES=\"<!(node scripts/native_sources.mjs)\""],
      "libraries": ["<!@(node scripts/find_onednn.mjs libraries)", "-fopenmp"],
      "conditions": [
        ["target_arch=='x64'", {
          "dependencies": ["kernels_sse", "kernels_avx2", "kernels_avx512", "winograd_bf16"]
        }, {
          "dependencies": ["kernels_portable"]
        }]
      ]
    }
  ],
  "conditions": [
    ["target_arch=='x64'", {
      "targets": [
        {
          "target_name": "kernels_sse",
          "type": "static_library",
          "sources": ["native/kernels.cc"],
          "defines": ["KERNELS_TABLE=kernels_sse", "KERNELS_NAME=\"sse2\""],
          "cflags_cc": ["<@(kernel_flags)"]
        },
        {
          "target_name": "kernels_avx2",
          "type": "static_library",
          "sources": ["native/kernels.cc"],
          "defines": ["KERNELS_TABLE=kernels_avx2", "KERNELS_NAME=\"avx2\""],
          "cflags_cc": ["<@(kernel_flags)", "-mavx2", "-mfma"]
        },
        {
          "target_name": "kernels_avx512",
          "type": "static_library",
          "sources": ["native/kernels.cc", "native/winograd.cc"],
          "defines": ["KERNELS_TABLE=kernels_avx512", "KERNELS_NAME=\"avx512\""],
          "cflags_cc": ["<@(kernel_flags)", "-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mfma", "-mprefer-vector-width=512", "-Wno-maybe-uninitialized"]
        },
        {
          "target_name": "winograd_bf16",
          "type": "static_library",
          "sources": ["native/winograd.cc"],
          "defines": ["WINOGRAD_BF16"],
          "cflags_cc": ["<@(kernel_flags)", "-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mavx512bf16", "-mfma", "-Wno-maybe-uninitialized"]
        }
      ]
    }, {
      "targets": [
        {
          "target_name": "kernels_portable",
          "type": "static_library",
          "sources": ["native/kernels.cc"],
          "defines": ["KERNELS_TABLE=kernels_portable", "KERNELS_NAME=\"portable\""],
          "cflags_cc": ["<@(kernel_flags)"]
        }
      ]
    }]
  ]
}
