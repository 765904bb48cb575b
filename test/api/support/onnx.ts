// A small ONNX model, written by hand: just enough of the protocol buffers' encoding.

type Bytes = readonly number[];

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

const number = (field: number, value: number): Bytes => [...varint(field * 8), ...varint(value)];
const message = (field: number, ...parts: readonly Bytes[]): Bytes => {
  const content = parts.flat();
  return [...varint(field * 8 + 2), ...varint(content.length), ...content];
};
const text = (field: number, value: string): Bytes => message(field, [...Buffer.from(value)]);

/** onnx.TensorProto.DataType */
const types = { float32: 1, uint8: 2, float16: 10 } as const;

function tensor(field: number, name: string, type: keyof typeof types, rank: number): Bytes {
  const dimensions = Array.from({ length: rank }, (_, i) => message(1, text(2, `${name}${String(i)}`)));
  return message(field, text(1, name), message(2, message(1, number(1, types[type]), message(2, ...dimensions))));
}

function attribute(name: string, values: readonly number[]): Bytes {
  const ints = 7;
  return message(5, text(1, name), ...values.map((value) => number(8, value)), number(20, ints));
}

/** A model with one input `x` of a rank and type, and one output `y`: the mean over some axes, computed in float32. */
export function meanModel(type: keyof typeof types, rank: number, axes: readonly number[]): Uint8Array {
  const float = types.float32;
  const cast = message(
    1,
    text(1, "x"),
    text(2, "f"),
    text(4, "Cast"),
    message(5, text(1, "to"), number(3, float), number(20, 2)),
  );
  const mean = message(
    1,
    text(1, "f"),
    text(2, "y"),
    text(4, "ReduceMean"),
    attribute("axes", axes),
    message(5, text(1, "keepdims"), number(3, 0), number(20, 2)),
  );
  const graph = message(
    7,
    cast,
    mean,
    text(2, "mean"),
    tensor(11, "x", type, rank),
    tensor(12, "y", "float32", rank - axes.length),
  );
  // IR version 8, operator set 13.
  return Uint8Array.from([...number(1, 8), ...graph, ...message(8, text(1, ""), number(2, 13))]);
}
