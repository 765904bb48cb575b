// What every linked addon must fulfil, whatever the linker was content with.
import { compareVersions } from "./inspect.mjs";

/** What Node looks up. */
export const addonExports = ["napi_register_module_v1", "node_api_module_get_api_version_v1"];

// In a Mac's file: what its linker makes itself, and C++'s new and delete, which stay replaceable (weak) in all of a process.
const ofLinker = /^(_mh_dylib_header|__dso_handle|_Z(nwm|nam|dlPv|daPv)(m?St11align_val_t|m)?)$/;

// A linker that allows undefined symbols, as Node's addons need on macOS, would leave a forgotten function to be found at run time.
const ours = /^_?_?(av|ff|sws|swr|dav1d|inflate|deflate|crc32|tj|jpeg|jsimd|WebP|VP8|libdeflate|fp)(_|\d|$)|^_ZN2fp/;

/** What is on every system of its kind, and nothing else: no C++ library, none of FFmpeg's. */
const libraries = {
  linux: /^(lib(c|m|pthread|dl|rt)\.so\.\d|ld-linux-[\w-]+\.so\.\d)$/,
  linuxmusl: /^(libc\.so|libc\.musl-\w+\.so\.1)$/,
  win32: /^(kernel32|advapi32|bcrypt|user32|ole32|shell32|ntdll|api-ms-win-[\w-]+)\.dll$/i,
  darwin: /^\/usr\/lib\/libSystem\.B\.dylib$/,
};

/** One line for each thing that is wrong with the binary, from what inspectBinary() read; `folders`: of this machine, named in it. */
export function complaintsAbout({ exports, missing, libraries: needed, glibc, textRelocations }, target, folders = []) {
  const complaints = [];
  const undefinedOnes = missing.filter((name) => ours.test(name));
  if (undefinedOnes.length > 0) complaints.push(`undefined: ${undefinedOnes.slice(0, 10).join(" ")}`);
  const unwanted = exports.filter(
    (name) => !addonExports.includes(name) && !(target.binary === "macho" && ofLinker.test(name)),
  );
  if (unwanted.length > 0) complaints.push(`${unwanted.length} exports too many: ${unwanted.slice(0, 10).join(" ")}`);
  const absent = addonExports.filter((name) => !exports.includes(name));
  if (absent.length > 0) complaints.push(`not exported: ${absent.join(" ")}`);
  const foreign = needed.filter((name) => !libraries[target.platform].test(name));
  if (foreign.length > 0) complaints.push(`needs ${foreign.join(", ")}`);
  // Two C libraries in a process would each have their own heap, threads and errno.
  if (needed.length === foreign.length) complaints.push("holds a C library of its own");
  if (glibc !== null && (target.glibc === null || compareVersions(glibc, target.glibc) > 0)) {
    complaints.push(`needs glibc ${glibc}`);
  }
  if (folders.length > 0) complaints.push(`names ${folders.join(", ")}`);
  if (textRelocations) complaints.push("has relocations in its code");
  return complaints;
}
