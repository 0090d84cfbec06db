import type { Side } from '../histories/known.ts'
import type { History } from '../histories/make-history.ts'
import type { MoveName } from '../histories/moves.ts'
import type { Stirrer } from './stir-until-killed.ts'

/** People of all kinds, who do what leads through a point. */
export function toStirrer(history: History): Stirrer<readonly [MoveName, Side]> {
  return {
    stir: ([move, side]) => void history.make(move, side),
    edit: () => history.step(),
    count: () => history.book.edits().length,
  }
}
