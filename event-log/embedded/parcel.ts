/** Many byte strings in one buffer that moves between threads without being copied again. */
export type Parcel = { readonly bytes: ArrayBuffer; readonly lengths: Uint32Array<ArrayBuffer> }

/** The parcel holds copies, so a small view never drags its whole pool to the other thread. */
export function packParcel(items: readonly Uint8Array[]): Parcel {
  const lengths = new Uint32Array(items.length)
  let total = 0
  for (const [index, item] of items.entries()) {
    lengths[index] = item.length
    total += item.length
  }
  const bytes = new Uint8Array(total)
  let at = 0
  for (const item of items) {
    bytes.set(item, at)
    at += item.length
  }
  return { bytes: bytes.buffer, lengths }
}

/** Views on the parcel's one buffer. */
export function unpackParcel({ bytes, lengths }: Parcel): Uint8Array[] {
  const items: Uint8Array[] = []
  let at = 0
  for (const length of lengths) {
    items.push(new Uint8Array(bytes, at, length))
    at += length
  }
  return items
}

/** What to hand to `postMessage` as its transfer list. */
export function buffersOf(parcel: Parcel): ArrayBuffer[] {
  return [parcel.bytes, parcel.lengths.buffer]
}
