import type { Prepare } from '../event-log.ts'

/** Each raw becomes as many entries as it has words; "bad" cannot be prepared. */
export function makePrepare({ topic }: { readonly topic: string }): Prepare {
  return (raw) => {
    const words = Buffer.from(raw).toString().split(' ').filter(Boolean)
    if (words.includes('bad')) throw new Error('a bad word')
    const entries = words.map((word) => ({ topic, key: word, value: Buffer.from(word) }))
    return { entries, answer: Buffer.from(`accepted ${words.length}`) }
  }
}
