/** A file of this folder each, run in a process of its own. */
export const microGroups = ["plan", "boundary", "round-trip", "extract", "kernels"] as const;
