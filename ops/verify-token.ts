import jwt from 'jsonwebtoken'

export type OpsKeys = {
  /** Verifies HS256. */
  readonly secret?: string | undefined
  /** PEM; verifies RS256 and ES256. */
  readonly publicKey?: string | undefined
}

export type Verdict =
  | { readonly kind: 'operator'; readonly sub: string; readonly scopes: ReadonlySet<string> }
  /** Ends the sentence that begins with `The token`. */
  | { readonly kind: 'stranger'; readonly why: string }

const leewaySeconds = 30

/** Says who shows an `Authorization` header; each kind of signature only ever meets its own kind of key. */
export function makeVerifyToken(keys: OpsKeys, now: () => number) {
  return (header: string | undefined): Verdict => {
    const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(header ?? '') ?? []
    if (token === undefined) return stranger('is missing: send Authorization: Bearer <token>')

    const algorithm = jwt.decode(token, { complete: true })?.header.alg
    const isHmac = algorithm === 'HS256'
    const key = isHmac ? keys.secret : keys.publicKey
    if (key === undefined) return stranger('is signed in a way that no key of ours verifies')
    try {
      const claims = jwt.verify(token, key, {
        algorithms: isHmac ? ['HS256'] : ['RS256', 'ES256'],
        clockTimestamp: Math.floor(now() / 1000),
        clockTolerance: leewaySeconds,
      })
      return typeof claims === 'string' ? stranger('has no claims') : toOperator(claims)
    } catch (error) {
      return stranger(whyNot(error))
    }
  }
}

function toOperator({ sub, exp, scope }: jwt.JwtPayload): Verdict {
  if (exp === undefined) return stranger('never expires: it needs exp')
  if (typeof sub !== 'string' || sub === '') return stranger('names nobody: it needs sub')
  const words = typeof scope === 'string' ? scope.split(' ').filter((word) => word !== '') : []
  return { kind: 'operator', sub, scopes: new Set(words) }
}

function whyNot(error: unknown): string {
  if (error instanceof jwt.TokenExpiredError) return 'has expired'
  if (error instanceof jwt.NotBeforeError) return 'is not valid yet'
  return 'is not signed by a key of ours'
}

function stranger(why: string): Verdict {
  return { kind: 'stranger', why }
}
