/** What makes V8 count a piece of shared memory: lives as long as this thread's object for it. */
const counted = new WeakMap<SharedArrayBuffer, ArrayBuffer>();

/**
 * Tells this thread's V8 how much hangs on an object of shared memory. V8 counts no shared memory, so that it would let gigabytes
 * of forgotten frames pile up behind objects of a few bytes; each thread that has seen the memory keeps it so. An ArrayBuffer of
 * the size is counted: this one lives as long as the other, and costs addresses only. Resizable ones are mapped by themselves, never
 * taken from the allocator's free blocks, and nobody ever touches the pages of this one, so that there are none. Without the
 * addresses (a bound on them, or a machine that promises no more than it has) the memory is as usable, and not counted.
 */
export function countSharedMemory(memory: SharedArrayBuffer): void {
  if (counted.has(memory)) return;
  const { byteLength } = memory;
  try {
    counted.set(memory, new ArrayBuffer(byteLength, { maxByteLength: byteLength }));
  } catch {
    // RangeError: no addresses.
  }
}
