import { readOrMakeOpsSecret } from './ops-secret.ts'
import type { OpsKeys } from './verify-token.ts'

type Settings = {
  readonly opsJwtSecret: string | undefined
  readonly opsJwtPublicKey: string | undefined
  readonly isProduction: boolean
  readonly dataDir: string
}

/** What operators' tokens are checked with. Outside production a secret is made once; `ops` finds it there. */
export async function readOpsKeys(settings: Settings): Promise<OpsKeys> {
  const { opsJwtSecret, opsJwtPublicKey: publicKey, isProduction, dataDir } = settings
  const isMade = opsJwtSecret === undefined && publicKey === undefined && !isProduction
  const secret = isMade ? await readOrMakeOpsSecret(dataDir) : opsJwtSecret
  return {
    ...(secret === undefined ? {} : { secret }),
    ...(publicKey === undefined ? {} : { publicKey }),
  }
}
