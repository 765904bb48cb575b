/** Far beyond what is expected, however busy the machine is: only what hangs takes so long. In milliseconds. */
export const hangMs = 300_000;
