import { openFileThread, type FileThread } from '../../runtime/file-thread.ts'
import { StateRefused } from '../state-refused.ts'
import { StateUnavailable } from '../state-unavailable.ts'
import type { Exchange, StateThreadData } from './messages.ts'

export type StateThread = FileThread<Exchange>

/** Starts the thread that owns the state's file; rejects with a `StateRefused` where it refuses. */
export function openStateThread(data: StateThreadData): Promise<StateThread> {
  return openFileThread({
    module: new URL('../embedded-state-worker.ts', import.meta.url),
    data,
    what: 'state',
    refused: (why) => new StateRefused(why),
    unavailable: (why, options) => new StateUnavailable(why, options),
  })
}
