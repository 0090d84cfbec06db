/** The pair that OAuth gave us last: the refresh token in it is the only one that still works. */
export type StoredToken = {
  readonly accessToken: string
  readonly refreshToken: string
  /** Epoch ms, our clock. */
  readonly receivedAt: number
  readonly expiresAt: number
  /** SHA-256 (hex) of the first refresh token that this chain began with. */
  readonly seedHash: string
}

export type TokenStore = {
  readonly read: () => Promise<StoredToken | undefined>
  /** Resolves once the pair survives a crash. */
  readonly write: (token: StoredToken) => Promise<void>
}
