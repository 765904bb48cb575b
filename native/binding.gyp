{
  "variables": {
    # 1 in this repository: warnings are errors. Users build with another compiler and must not be stopped by a warning.
    "framepool_strict%": 0,
    # node-addon-api's folder, seen from here.
    "framepool_headers%": "../node_modules/node-addon-api",
    "framepool_libraries": "libavformat libavcodec libavutil libswresample libswscale libturbojpeg libdeflate libwebp",
    # Without the last one compilers for arm64 fuse a multiplication and an addition, which rounds once instead of twice.
    "framepool_flags": ["-std=c++17", "-fexceptions", "-frtti", "-fvisibility=hidden", "-O3", "-ffp-contract=off"],
    "framepool_strict_flags": ["-Wall", "-Wextra", "-Wconversion", "-Werror"]
  },
  "targets": [
    {
      "target_name": "framepool",
      "sources": [
        "<!@(node -p \"['av', 'binding'].flatMap((d) => require('fs').readdirSync(d).filter((f) => f.endsWith('.cc')).sort().map((f) => d + '/' + f)).join(' ')\")"
      ],
      "include_dirs": ["<(framepool_headers)"],
      "defines": [
        "NAPI_VERSION=8",
        "NAPI_CPP_EXCEPTIONS",
        # A worker that is terminated inside a JavaScript callback would abort the whole process without it.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
        # External ArrayBuffers do not survive a transfer between threads.
        "NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        "NODE_ADDON_API_REQUIRE_BASIC_FINALIZERS"
      ],
      "libraries": ["<!@(pkg-config --libs <(framepool_libraries))"],
      # Node's common.gypi sets an older standard, no exceptions and -O2 or -O3 by platform.
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++14", "-std=gnu++17", "-std=gnu++20", "-O2"],
      "cflags_cc": ["<@(framepool_flags)", "<!@(pkg-config --cflags <(framepool_libraries))"],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
        "CLANG_CXX_LIBRARY": "libc++",
        "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
        "GCC_ENABLE_CPP_RTTI": "YES",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
        "GCC_OPTIMIZATION_LEVEL": "3",
        "MACOSX_DEPLOYMENT_TARGET": "12.0",
        "OTHER_CPLUSPLUSFLAGS": ["-ffp-contract=off", "<!@(pkg-config --cflags <(framepool_libraries))"]
      },
      "conditions": [
        [
          "framepool_strict==1",
          {
            "cflags_cc": ["<@(framepool_strict_flags)"],
            "xcode_settings": { "WARNING_CFLAGS": ["<@(framepool_strict_flags)"] }
          }
        ]
      ]
    }
  ]
}
