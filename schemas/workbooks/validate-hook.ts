import { makeValidate } from '../make-validate.ts'
import hook from './hook.json' with { type: 'json' }

/** One object of our change hook, as the On Change process sends it. */
export type WorkbooksHook = Readonly<Record<string, unknown>> & {
  readonly resource: string
  readonly event: 'created' | 'updated' | 'deleted'
  readonly id: number | string
  readonly object_ref?: string | null
  readonly lock_version?: number | string | null
  readonly updated_at?: string | number | null
  readonly created_at?: string | number | null
}

export const validateHook = makeValidate<WorkbooksHook>(hook)
