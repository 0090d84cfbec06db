import { createHash } from 'node:crypto'

/** Locks of other programs in the same database stay apart. */
const NAMESPACE = 'workbooks-outreach-gateway/'

/** A key's number among PostgreSQL's advisory locks: 64 bits of its hash, as decimal text. */
export function toLockId(key: string): string {
  const hash = createHash('sha256').update(NAMESPACE).update(key).digest()
  return hash.readBigInt64BE(0).toString()
}
