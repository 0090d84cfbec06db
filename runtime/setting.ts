export type Parsed<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  /** Ends the sentence `<KEY> must …`. */
  | { readonly kind: 'wrong'; readonly must: string }

/** One line of the table in `settings.ts`. */
export type Setting<Value> = {
  readonly key: string
  readonly meaning: string
  readonly parse: (text: string) => Parsed<Value>
  /** What holds where the environment does not have it. */
  readonly fallback: Value
  /** The default as people read it; `-` where there is none. */
  readonly shownDefault: string
  /** What to type instead of a mistake. */
  readonly example: string
  readonly secret: boolean
}

type Words = {
  readonly example?: string
  readonly secret?: boolean
  /** Where the default is decided later, or needs a word. */
  readonly shownDefault?: string
}

type Made<Value, Fallback> = Words & {
  readonly fallback: Fallback
  readonly parse: (text: string) => Parsed<Value>
}

/** The form that all makers fill in: an absent example is the default, or the kind of thing wanted. */
function setting<Value, Fallback>(
  key: string,
  meaning: string,
  made: Made<Value, Fallback>,
): Setting<Value | Fallback> {
  const shownDefault = made.shownDefault ?? shown(made.fallback)
  return {
    key,
    meaning,
    parse: made.parse,
    fallback: made.fallback,
    shownDefault,
    example: made.example ?? (shownDefault === '-' ? '...' : shownDefault),
    secret: made.secret ?? false,
  }
}

function shown(fallback: unknown): string {
  if (typeof fallback === 'string' || typeof fallback === 'number') return String(fallback)
  return '-'
}

const valued = <Value>(value: Value): Parsed<Value> => ({ kind: 'value', value })
const wrong = (must: string): Parsed<never> => ({ kind: 'wrong', must })

export function text(key: string, meaning: string, words: Words = {}): Setting<string | undefined> {
  return setting(key, meaning, { ...words, fallback: undefined, parse: valued })
}

export function path(key: string, meaning: string, fallback: string): Setting<string> {
  return setting(key, meaning, { fallback, parse: valued })
}

type Range = Words & { readonly from: number; readonly to: number }

export function whole(key: string, meaning: string, of: Range): Setting<number | undefined>
export function whole(
  key: string,
  meaning: string,
  of: Range & { readonly fallback: number },
): Setting<number>
export function whole(
  key: string,
  meaning: string,
  of: Range & { readonly fallback?: number },
): Setting<number | undefined> {
  const parse = (given: string): Parsed<number> => {
    const number = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN
    return number >= of.from && number <= of.to
      ? valued(number)
      : wrong(`be a whole number from ${of.from} to ${of.to}`)
  }
  return setting(key, meaning, { ...of, fallback: of.fallback, parse })
}

/** Comma-separated; blanks around the commas and empty places do not count. */
export function list(key: string, meaning: string, words: Words = {}): Setting<readonly string[]> {
  const parse = (given: string): Parsed<readonly string[]> => {
    const values = toList(given)
    return values.length > 0 ? valued(values) : wrong('name at least one value between its commas')
  }
  return setting<readonly string[], readonly string[]>(key, meaning, {
    ...words,
    fallback: [],
    parse,
  })
}

const host = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]):\d{1,5}$/

export function hosts(key: string, meaning: string, words: Words): Setting<readonly string[]> {
  const parse = (given: string): Parsed<readonly string[]> => {
    const values = toList(given)
    return values.length > 0 && values.every((value) => host.test(value))
      ? valued(values)
      : wrong('be host:port, with commas between several')
  }
  return setting<readonly string[], readonly string[]>(key, meaning, {
    ...words,
    fallback: [],
    parse,
  })
}

export type KafkaUrl = { readonly brokers: readonly string[]; readonly ssl: boolean }

/** Heroku's form: `kafka+ssl://host:port,kafka+ssl://host:port`. */
export function kafkaUrl(key: string, meaning: string): Setting<KafkaUrl | undefined> {
  const example = 'kafka+ssl://broker-1.example.com:9096'
  const parse = (given: string): Parsed<KafkaUrl> => {
    const urls = toList(given).map((each) => /^(kafka(?:\+ssl)?):\/\/([^/@]+)\/?$/.exec(each))
    const brokers = urls.map((found) => found?.[2] ?? '')
    const schemes = new Set(urls.map((found) => found?.[1]))
    return brokers.length > 0 && brokers.every((each) => host.test(each)) && schemes.size === 1
      ? valued({ brokers, ssl: schemes.has('kafka+ssl') })
      : wrong('be kafka://host:port or kafka+ssl://host:port, with commas between several')
  }
  return setting(key, meaning, { fallback: undefined, example, parse })
}

type UrlWords = Words & { readonly schemes?: readonly string[] }

/** `http` or `https` where no other scheme is named; the slash at its end is taken off. */
export function url(key: string, meaning: string, words?: UrlWords): Setting<string | undefined>
export function url(
  key: string,
  meaning: string,
  words: UrlWords & { readonly fallback: string },
): Setting<string>
export function url(
  key: string,
  meaning: string,
  words: UrlWords & { readonly fallback?: string } = {},
): Setting<string | undefined> {
  const schemes = words.schemes ?? ['http', 'https']
  const must = `be a full address that begins with ${schemes.map((each) => `${each}://`).join(' or ')}`
  const parse = (given: string): Parsed<string> => {
    if (!URL.canParse(given)) return wrong(must)
    const parsed = new URL(given)
    if (!schemes.includes(parsed.protocol.slice(0, -1)) || parsed.hostname === '')
      return wrong(must)
    if (words.secret === true) return valued(given)
    // A password in an address would be printed wherever the address is.
    if (parsed.username !== '' || parsed.password !== '') {
      return wrong('be an address without a user name and a password in it')
    }
    if (parsed.search !== '' || parsed.hash !== '') return wrong('be an address without ? and #')
    return valued(given.replace(/\/+$/, ''))
  }
  return setting(key, meaning, { ...words, fallback: words.fallback, parse })
}

export function choice<const Choice extends string>(
  key: string,
  meaning: string,
  of: Words & { readonly choices: readonly Choice[] },
): Setting<Choice | undefined> {
  const parse = (given: string): Parsed<Choice> => {
    const chosen = of.choices.find((each) => each === given.toLowerCase())
    return chosen === undefined ? wrong(`be one of ${of.choices.join(', ')}`) : valued(chosen)
  }
  return setting(key, meaning, { ...of, fallback: undefined, example: of.choices[0] ?? '', parse })
}

const yes = ['1', 'true', 'yes', 'on']
const no = ['0', 'false', 'no', 'off']

export function flag(key: string, meaning: string, words: Words = {}): Setting<boolean> {
  const parse = (given: string): Parsed<boolean> => {
    const word = given.toLowerCase()
    return yes.includes(word) || no.includes(word) ? valued(yes.includes(word)) : wrong('be 1 or 0')
  }
  return setting(key, meaning, {
    shownDefault: '-',
    ...words,
    fallback: false,
    example: '1',
    parse,
  })
}

type PemOf = Words & { readonly isValid: (pem: string) => boolean; readonly what: string }

/** PEM text; in one line its line breaks are written `\n`. */
export function pem(key: string, meaning: string, of: PemOf): Setting<string | undefined> {
  const parse = (given: string): Parsed<string> => {
    const lines = given.replaceAll('\\n', '\n').replaceAll('\r', '').trim()
    return of.isValid(lines)
      ? valued(`${lines}\n`)
      : wrong(`be ${of.what} in PEM text; in one line its line breaks are written \\n`)
  }
  const example = '-----BEGIN ...-----\\n...\\n-----END ...-----'
  return setting(key, meaning, { ...of, fallback: undefined, example, parse })
}

function toList(given: string): readonly string[] {
  return given
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}
