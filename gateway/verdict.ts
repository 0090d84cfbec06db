/** What verifying a delivery came to. `why` is one of a few constant sentences, fit for counting. */
export type Verdict =
  | { readonly kind: 'authentic'; readonly token?: UsedOnce }
  | { readonly kind: 'forged'; readonly why: string }

/** A token that may open the door once only. */
export type UsedOnce = {
  readonly jti: string
  /** Epoch ms from which it would be refused anyway. */
  readonly untilMs: number
}
