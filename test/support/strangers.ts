/** Values of others that throw, or say nothing, when they are looked at. */
export const strangers: Readonly<Record<string, () => unknown>> = {
  "an object without prototype": () => Object.assign(Object.create(null) as object, { status: 404 }),
  "an object whose getters throw": () =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        ["message", "name", "stack", "code", "toString", "constructor", "then"].map((name) => [
          name,
          { get: () => fail(), enumerable: true },
        ]),
      ),
    ),
  "an error of odd properties": () =>
    Object.assign(new Error("odd"), { name: Symbol("odd"), message: null, stack: 5, code: () => 1 }),
  "an object whose text is no text": () => ({ toString: () => ({}), valueOf: () => ({}) }),
  "a proxy that answers nothing": () => new Proxy({}, { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail }),
  "a revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  "a symbol": () => Symbol("stranger"),
  "a function": () => () => undefined,
};

function fail(): never {
  throw new Error("it does not want to be looked at");
}
