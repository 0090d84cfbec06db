/** Says from the verdicts of the single filters whether a row is in. */
export type Combine = (verdict: (index: number) => boolean) => boolean

/** The caller's parameters are no use: answered with 406 (workbooks-api 5.6). */
export type Unsuitable = { readonly kind: 'unsuitable'; readonly message: string }

export type ParsedExpression = { readonly kind: 'combine'; readonly combine: Combine } | Unsuitable

type Reader = { next: () => string | undefined; peek: () => string | undefined }

const tokenForm = /\d+|\(|\)|!|[A-Za-z]+/g

const makeReader = (text: string): Reader => {
  const tokens = (text.match(tokenForm) ?? []).map((token) => token.toUpperCase())
  let place = 0
  return { next: () => tokens[place++], peek: () => tokens[place] }
}

class Malformed extends Error {}

const readFactor = (reader: Reader, count: number): Combine => {
  const token = reader.next()
  if (token === 'NOT' || token === '!') {
    const inner = readFactor(reader, count)
    return (verdict) => !inner(verdict)
  }
  if (token === '(') {
    const inner = readLevel(reader, count, 0)
    if (reader.next() !== ')') throw new Malformed('a closing parenthesis is missing')
    return inner
  }
  const number = /^\d+$/.test(token ?? '') ? Number(token) : 0
  if (number < 1 || number > count) throw new Malformed(`there is no filter ${token ?? ''}`)
  return (verdict) => verdict(number - 1)
}

// Weakest first; public text gives no precedence, this is the usual one.
const levels: readonly (readonly [string, (one: boolean, other: boolean) => boolean])[] = [
  ['OR', (one, other) => one || other],
  ['XOR', (one, other) => one !== other],
  ['AND', (one, other) => one && other],
]

const readLevel = (reader: Reader, count: number, depth: number): Combine => {
  const level = levels[depth]
  if (!level) return readFactor(reader, count)
  const [word, apply] = level
  let left = readLevel(reader, count, depth + 1)
  while (reader.peek() === word) {
    reader.next()
    const before = left
    const right = readLevel(reader, count, depth + 1)
    left = (verdict) => apply(before(verdict), right(verdict))
  }
  return left
}

const all =
  (count: number): Combine =>
  (verdict) => {
    for (let index = 0; index < count; index += 1) if (!verdict(index)) return false
    return true
  }

const any =
  (count: number): Combine =>
  (verdict) => {
    for (let index = 0; index < count; index += 1) if (verdict(index)) return true
    return count === 0
  }

/** `_fm`: `and`, `or`, or an expression over 1-based filter numbers (workbooks-api 3.3). */
export const parseFilterExpression = (text: string, count: number): ParsedExpression => {
  const mode = text.trim().toLowerCase()
  if (mode === '' || mode === 'and') return { kind: 'combine', combine: all(count) }
  if (mode === 'or') return { kind: 'combine', combine: any(count) }
  try {
    const reader = makeReader(text)
    const combine = readLevel(reader, count, 0)
    const rest = reader.next()
    if (rest !== undefined) throw new Malformed(`"${rest}" was not expected`)
    return { kind: 'combine', combine }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return { kind: 'unsuitable', message: `_fm "${text}" cannot be read: ${error.message}` }
  }
}
