// The sources that are built here: upstream's own release files, pinned by hash.
// `debian`: the source package that holds the same release, for where upstream is not reached. Its file is upstream's, byte for
// byte, unless a hash is given: then Debian left out files that we do not build.
export const sources = {
  "ffmpeg-9.0.2": {
    url: "https://ffmpeg.org/releases/ffmpeg-9.0.2.tar.xz",
    sha256: "8c3850283eb25fa026482078a04051e0be17347b09ef81a0849bec15a96e002e",
    debian: { package: "ffmpeg", file: "ffmpeg_9.0.2.orig.tar.xz" },
  },
  "ffmpeg-7.1.5": {
    url: "https://ffmpeg.org/releases/ffmpeg-7.1.5.tar.xz",
    sha256: "de668509caf9e35e3cd162473441fdb29538c6d96ed080292b3cf9e6fc5d558f",
    debian: { package: "ffmpeg", file: "ffmpeg_7.1.5.orig.tar.xz" },
  },
  // The oldest that framepool builds against, and the last before AVChannelLayout: Debian has neither.
  "ffmpeg-4.4.6": {
    url: "https://ffmpeg.org/releases/ffmpeg-4.4.6.tar.xz",
    sha256: "2290461f467c08ab801731ed412d8e724a5511d6c33173654bd9c1d2e25d0617",
  },
  "ffmpeg-5.0.1": {
    url: "https://ffmpeg.org/releases/ffmpeg-5.0.1.tar.xz",
    sha256: "ef2efae259ce80a240de48ec85ecb062cecca26e4352ffb3fda562c21a93007b",
  },
  "dav1d-1.5.4": {
    url: "https://downloads.videolan.org/videolan/dav1d/1.5.4/dav1d-1.5.4.tar.xz",
    sha256: "686616b7c69eb88d44459391ab25cac13b6647a3b288835c5784e71c1514a5c5",
    debian: { package: "dav1d", file: "dav1d_1.5.4.orig.tar.xz" },
  },
  "zlib-1.3.2": {
    url: "https://github.com/madler/zlib/releases/download/v1.3.2/zlib-1.3.2.tar.gz",
    sha256: "bb329a0a2cd0274d05519d61c667c062e06990d72e125ee2dfa8de64f0119d16",
    debian: {
      package: "zlib",
      file: "zlib_1.3.dfsg+really1.3.2.orig.tar.gz",
      sha256: "7b6903eb019983987b7112eccf90f1703f1c6c0e0cede36564bf611d19ca579d",
    },
  },
  "libjpeg-turbo-3.1.3": {
    url: "https://github.com/libjpeg-turbo/libjpeg-turbo/archive/refs/tags/3.1.3.tar.gz",
    sha256: "3a13a5ba767dc8264bc40b185e41368a80d5d5f945944d1dbaa4b2fb0099f4e5",
    debian: { package: "libjpeg-turbo", file: "libjpeg-turbo_3.1.3.orig.tar.gz" },
  },
  "libwebp-1.6.0": {
    url: "https://storage.googleapis.com/downloads.webmproject.org/releases/webp/libwebp-1.6.0.tar.gz",
    sha256: "e4ab7009bf0629fd11982d4c2aa83964cf244cffba7347ecd39019a9e38c4564",
    debian: { package: "libwebp", file: "libwebp_1.6.0.orig.tar.gz" },
  },
  "libdeflate-1.23": {
    url: "https://github.com/ebiggers/libdeflate/archive/refs/tags/v1.23.tar.gz",
    sha256: "1ab18349b9fb0ce8a0ca4116bded725be7dcbfa709e19f6f983d99df1fb8b25f",
    debian: { package: "libdeflate", file: "libdeflate_1.23.orig.tar.gz" },
  },
};

/** What goes into the packages. FFmpeg: the newest release, since the decoders' security fixes come with it. */
export const current = {
  ffmpeg: "ffmpeg-9.0.2",
  dav1d: "dav1d-1.5.4",
  zlib: "zlib-1.3.2",
  jpegTurbo: "libjpeg-turbo-3.1.3",
  libwebp: "libwebp-1.6.0",
  libdeflate: "libdeflate-1.23",
};

/** The tools, as Python packages: wheels for Linux on x86-64, where the packages are built. */
export const tools = [
  { name: "ziglang", version: "0.17.1", sha256: "ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54" },
  { name: "meson", version: "1.12.1", sha256: "930bc7542cbd9f57009e182fd014eba48cf1a0180a7b9006d2d32d8f168d8b02" },
  { name: "ninja", version: "1.13.2", sha256: "65a24341b5ac09fcadcc37082660be40a94174e51a937fabf6e2cae26225fa2c" },
];

/** Node-API's headers and the names of its functions, as npm's registry has them. */
export const nodeHeaders = {
  package: "node-api-headers@1.9.0",
  sha512: "2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==",
};
