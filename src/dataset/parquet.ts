import type * as writer from "hyparquet-writer";
import { propertyOf } from "../errors.js";
import { loadInstalled } from "./packages.js";

/** Rows that lie together: what writing takes in memory is bounded. */
const groupRows = 50_000;

const text = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const;
const columns = [
  ...["key", "shard", "source", "status"].map((name) => ({ name, ...text })),
  ...["index", "width", "height", "bytes"].map((name) => ({ name, type: "INT32" as const })),
  ...["ptsSeconds", "durationSeconds"].map((name) => ({ name, type: "DOUBLE" as const })),
];
/** Of data sets with sound beside the pictures. */
const soundColumns = [
  { name: "soundPtsSeconds", type: "DOUBLE" as const },
  ...["soundSamples", "sampleRate"].map((name) => ({ name, type: "INT32" as const })),
];

/**
 * The table of all samples, given as lines of JSON, as a Parquet file, whose columns are those of the first sample. Throws E_ADDON where
 * the package is not installed.
 */
export async function* parquetOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const needed = "Parquet tables need the package hyparquet-writer";
  const { ByteWriter, ParquetWriter } = await loadInstalled(
    needed,
    "hyparquet-writer",
    () => import("hyparquet-writer"),
  );
  const bytes = new ByteWriter();
  const taken = (): Uint8Array => {
    const copy = bytes.getBytes().slice();
    bytes.index = 0;
    return copy;
  };
  let file: writer.ParquetWriter | undefined;
  let schema: Schema | undefined;
  for await (const rows of inGroups(rowsOf(pieces))) {
    schema ??= schemaOf(rows[0]);
    file ??= new ParquetWriter({ writer: bytes, schema: schema.elements, createdBy: "framepool" });
    const columnData = schema.names.map((name) => ({ name, data: rows.map((row) => propertyOf(row, name)) }));
    await file.write({ columnData, rowGroupSize: groupRows });
    yield taken();
  }
  file ??= new ParquetWriter({ writer: bytes, schema: schemaOf(undefined).elements, createdBy: "framepool" });
  await file.finish();
  yield taken();
}

interface Schema {
  readonly names: readonly string[];
  readonly elements: writer.SchemaElement[];
}

function schemaOf(row: unknown): Schema {
  const flat = [...columns, ...(propertyOf(row, "sampleRate") === undefined ? [] : soundColumns)];
  const own = flat.map((column) => ({ ...column, repetition_type: "REQUIRED" as const }));
  const isClip = propertyOf(row, "indices") !== undefined;
  const list: writer.SchemaElement[] = [
    { name: "indices", converted_type: "LIST", num_children: 1, repetition_type: "REQUIRED" },
    { name: "list", num_children: 1, repetition_type: "REPEATED" },
    { name: "element", type: "INT32", repetition_type: "REQUIRED" },
  ];
  const names = [...own.map(({ name }) => name), ...(isClip ? ["indices"] : [])];
  return { names, elements: [{ name: "root", num_children: names.length }, ...own, ...(isClip ? list : [])] };
}

async function* rowsOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
}

async function* inGroups(rows: AsyncIterable<unknown>): AsyncGenerator<unknown[], void, undefined> {
  let group: unknown[] = [];
  for await (const row of rows) {
    group.push(row);
    if (group.length < groupRows) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
