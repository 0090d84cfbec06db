import { makeValidate } from '../make-validate.ts'
import nativeItem from './native-item.json' with { type: 'json' }

/** One element of a native Workbooks webhook: the record's columns under its resource's name. */
export type WorkbooksNativeItem = Readonly<
  Record<
    string,
    Readonly<Record<string, unknown>> & {
      readonly id: number | string
      readonly lock_version?: number | string | null
      readonly updated_at?: string | number | null
      readonly created_at?: string | number | null
    }
  >
>

export const validateNativeItem = makeValidate<WorkbooksNativeItem>(nativeItem)
