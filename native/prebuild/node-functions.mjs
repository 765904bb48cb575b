// Node's functions for an addon on Windows. An import table would name the file they come from, node.exe, and the addon would then
// load in no process of another name (Electron, Bun, Deno, a renamed node.exe). So each is looked up in the running program.

const jump = {
  x64: (name) => `jmp *found_${name}(%rip)`,
  arm64: (name) => `adrp x16, found_${name}\\n ldr x16, [x16, :lo12:found_${name}]\\n br x16`,
};

/** C source; `symbols`: those of the package node-api-headers, by version of Node-API. */
export function nodeFunctions(arch, symbols) {
  const groups = Object.values(symbols).flatMap((version) => [
    ...version.js_native_api_symbols,
    ...version.node_api_symbols,
  ]);
  const names = [...new Set(groups)].sort();
  return `#include <windows.h>
${names.map((name) => `void *found_${name};`).join("\n")}
${names.map((name) => `__asm__(".text\\n.globl ${name}\\n${name}:\\n ${jump[arch](name)}\\n");`).join("\n")}
__attribute__((constructor)) static void find_all(void) {
  HMODULE program = GetModuleHandleW(NULL);
${names.map((name) => `  found_${name} = (void *)GetProcAddress(program, "${name}");`).join("\n")}
}
`;
}
