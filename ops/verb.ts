/** What a token may allow (product 6). */
export const scopes = ['ops:read', 'ops:write', 'replay:plan', 'replay:run', 'events:read'] as const

export type Scope = (typeof scopes)[number]

/** A question's members, as they came: from the query, the body, or the command line. */
export type Members = Readonly<Record<string, unknown>>

export type Input<Value> =
  | { readonly kind: 'input'; readonly input: Value }
  /** A sentence that says what to type instead. */
  | { readonly kind: 'wrong'; readonly sentence: string }

export type Ran<Answer> =
  | { readonly kind: 'done'; readonly answer: Answer }
  /** 404: what was named is not there; else it is the question that was wrong. */
  | { readonly kind: 'refused'; readonly sentence: string; readonly status?: 404 }

type Face = {
  readonly name: string
  /** How it is typed, after `ops`: `sync <record>`. */
  readonly usage: string
  /** One line of the help. */
  readonly says: string
  readonly scope: Scope
  readonly http: {
    readonly method: 'GET' | 'POST' | 'DELETE'
    /** A member in the path: `/ops/backfills/:id`. */
    readonly path: string
    readonly status: number
  }
  readonly commandLine: {
    /** The members that the words after the verb are, in their order. */
    readonly words: readonly string[]
    /** Members that are given as `--limit 5`, or `--plan` where nothing follows. */
    readonly options: Readonly<Record<string, 'value' | 'alone'>>
  }
}

type Spec<Deps, Value, Answer> = Face & {
  readonly readInput: (members: Members) => Input<Value>
  readonly run: (deps: Deps, input: Value, by: string) => Promise<Ran<Answer>>
  readonly renderText: (answer: Answer) => string
  /** The next question of somebody who follows; the first one where there is no answer yet. */
  readonly follow?: (members: Members, answer: Answer | undefined) => Members
}

/** One verb behind both of its doors, HTTP and the command line; its input and answer are its own affair. */
export type Verb<Deps> = Face & {
  readonly mistakeIn: (members: Members) => string | undefined
  readonly run: (deps: Deps, members: Members, by: string) => Promise<Ran<unknown>>
  readonly renderText: (answer: unknown) => string
  readonly follow: ((members: Members, answer: unknown) => Members) | undefined
}

export function makeVerb<Deps, Value, Answer>(spec: Spec<Deps, Value, Answer>): Verb<Deps> {
  const { follow } = spec
  // The answer comes back as JSON from the run of this very verb, so it has the type that left.
  const asAnswer = (answer: unknown) => answer as Answer
  return {
    ...spec,
    mistakeIn: (members) => {
      const read = spec.readInput(members)
      return read.kind === 'wrong' ? read.sentence : undefined
    },
    run: async (deps, members, by) => {
      const read = spec.readInput(members)
      if (read.kind === 'wrong') return { kind: 'refused', sentence: read.sentence }
      return spec.run(deps, read.input, by)
    },
    renderText: (answer) => spec.renderText(asAnswer(answer)),
    follow:
      follow &&
      ((members, answer) => follow(members, answer === undefined ? undefined : asAnswer(answer))),
  }
}

/** What changes something is written here before it is done (product 6). */
export type Audit = {
  readonly record: (entry: {
    /** Epoch milliseconds. */
    readonly at: number
    /** The token's `sub`. */
    readonly by: string
    readonly verb: string
    readonly what: string
  }) => Promise<void>
}

export type Audited = { readonly audit: Audit; readonly now: () => number }
