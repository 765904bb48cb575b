/** Behind the room of each: a number that tells it from others, in every thread that has an object for it. */
const markBytes = Float64Array.BYTES_PER_ELEMENT;

/** What makes this thread's V8 count a piece of shared memory: lives as long as one of this thread's objects for it. */
const counted = new WeakMap<SharedArrayBuffer, ArrayBuffer>();
/** The same by mark: the memory may arrive as another object with every message. */
const byMark = new Map<number, WeakRef<ArrayBuffer>>();
const collected = new FinalizationRegistry<number>((mark) => {
  if (byMark.get(mark)?.deref() === undefined) byMark.delete(mark);
});

/** Memory for `bytes` bytes of output, or some more: see roomIn(). */
export function outputBuffer(bytes: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(sizeFor(bytes));
  new DataView(memory).setFloat64(roomIn(memory), Math.random());
  return memory;
}

/** Bytes of output that memory of outputBuffer() has room for. */
export function roomIn(memory: SharedArrayBuffer): number {
  return Math.max(0, memory.byteLength - markBytes);
}

/**
 * Size of the memory for so many bytes of output: rounded up to an eighth of the power of two below, so that requests of
 * nearly one size can use each other's memory, and the mark.
 */
export function sizeFor(bytes: number): number {
  const step = Math.max(4096, 2 ** Math.floor(Math.log2(Math.max(bytes, 1))) / 8);
  return Math.min(Math.max(bytes, Math.ceil(bytes / step) * step), Math.max(bytes, 2 ** 32 - 4096)) + markBytes;
}

/**
 * Tells this thread's V8 how much hangs on an object of shared memory, once however many objects of it there are. V8 counts no
 * shared memory, so that it would let gigabytes of forgotten frames pile up behind objects of a few bytes; each thread that has
 * seen the memory keeps it so. An ArrayBuffer of the size is counted: this one lives as long as the others, and costs addresses
 * only. Resizable ones are mapped by themselves, never taken from the allocator's free blocks, and nobody ever touches the pages
 * of this one, so that there are none. Without the addresses (a bound on them, or a machine that promises no more than it has)
 * the memory is as usable, and not counted. What V8 is told of 64 MB more, it looks for garbage: memory that is used again and
 * again, and comes with every job, would have it do nothing else.
 */
export function countSharedMemory(memory: SharedArrayBuffer): void {
  if (counted.has(memory)) return;
  const mark = markOf(memory);
  const weight = byMark.get(mark)?.deref();
  if (weight?.byteLength === memory.byteLength) counted.set(memory, weight);
  else weigh(memory, mark);
}

function weigh(memory: SharedArrayBuffer, mark: number): void {
  const { byteLength } = memory;
  let weight: ArrayBuffer;
  try {
    weight = new ArrayBuffer(byteLength, { maxByteLength: byteLength });
  } catch {
    // RangeError: no addresses.
    return;
  }
  counted.set(memory, weight);
  if (mark === 0) return;
  byMark.set(mark, new WeakRef(weight));
  collected.register(weight, mark);
}

/** 0: none, of other memory, or written over by who has it. */
function markOf(memory: SharedArrayBuffer): number {
  if (memory.byteLength < markBytes) return 0;
  const mark = new DataView(memory).getFloat64(roomIn(memory));
  return mark > 0 && mark < 1 ? mark : 0;
}
