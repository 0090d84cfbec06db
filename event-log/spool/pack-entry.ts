import type { Entry } from '../event-log.ts'

const LENGTH_BYTES = 4

/** One entry as bytes: the length of its label, the label as JSON, the value as it is. */
export function packEntry({ topic, key, value, headers }: Entry): Uint8Array {
  const label = Buffer.from(JSON.stringify([topic, key, headers ?? null]))
  const packed = Buffer.allocUnsafe(LENGTH_BYTES + label.length + value.length)
  packed.writeUInt32LE(label.length)
  packed.set(label, LENGTH_BYTES)
  packed.set(value, LENGTH_BYTES + label.length)
  return packed
}

export function unpackEntry(packed: Uint8Array): Entry {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  const valueAt = LENGTH_BYTES + bytes.readUInt32LE()
  // Only packEntry writes these.
  const [topic, key, headers] = JSON.parse(bytes.toString('utf8', LENGTH_BYTES, valueAt)) as Label
  return { topic, key, value: bytes.subarray(valueAt), ...(headers !== null && { headers }) }
}

type Label = readonly [string, string, Readonly<Record<string, string>> | null]
