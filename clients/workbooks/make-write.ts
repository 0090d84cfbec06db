import type { Call } from '../call.ts'
import { Refused, SetupFault, UnknownAnswer } from '../errors.ts'
import type { WorkbooksCall } from './make-workbooks-call.ts'
import { rowsPerCall, toWriteForm } from './to-form.ts'
import { toRowAnswers, toUnanswered } from './to-row-answers.ts'
import { staleId } from './to-workbooks-error.ts'
import type { WorkbooksAnswer, WorkbooksClient, WorkbooksWrite } from './workbooks-client.ts'

type Rows = readonly WorkbooksWrite[]

/** Writes rows, 100 a call, each in its own transaction; see `WorkbooksClient.write`. */
export function makeWrite(workbooksCall: WorkbooksCall): WorkbooksClient['write'] {
  async function writeSome(controller: string, rows: Rows, call: Call) {
    const alone = async (row: WorkbooksWrite): Promise<WorkbooksAnswer> => {
      try {
        const [answer] = await writeSome(controller, [row], call)
        return answer ?? toUnanswered('no answer came')
      } catch (error) {
        return toUnansweredBy(error)
      }
    }

    try {
      const form = toWriteForm(rows)
      const { body } = await workbooksCall({ controller, method: 'PUT', form }, call)
      const answers: WorkbooksAnswer[] = []
      for (const [at, answer] of toRowAnswers(body, rows).entries()) {
        const row = rows[at]
        if (answer.kind !== 'ask-alone') answers.push(answer)
        // The lock_version makes it safe to ask an update or a delete again; a create has none.
        else if (row === undefined || row.kind === 'create') answers.push(unclear())
        else answers.push(await alone(row))
      }
      return answers
    } catch (error) {
      if (error instanceof UnknownAnswer) return rows.map(() => toUnansweredBy(error))
      if (!isAboutRows(error)) throw error
      if (rows.length === 1) return [toAnswer(error)]
      // Turned away as a whole, so nothing was done: alone, each row shows whether it is the one.
      const answers: WorkbooksAnswer[] = []
      for (const row of rows) answers.push(await alone(row))
      return answers
    }
  }

  return async (controller, rows, call) => {
    const answers: WorkbooksAnswer[] = []
    for (let start = 0; start < rows.length; start += rowsPerCall) {
      const some = rows.slice(start, start + rowsPerCall)
      try {
        answers.push(...(await writeSome(controller, some, call)))
      } catch (error) {
        // Throwing now would hide what became of the rows before.
        if (start === 0) throw error
        answers.push(...some.map(() => toUnansweredBy(error)))
      }
    }
    return answers
  }
}

const goneWords = /no longer accessible/i

/** 406, 409, 422, or a 404 that speaks of a row: the request was understood, and one of its rows is at fault. */
function isAboutRows(error: unknown): error is Refused | SetupFault {
  if (error instanceof Refused) return true
  return error instanceof SetupFault && goneWords.test(error.message)
}

function toAnswer(error: Refused | SetupFault): WorkbooksAnswer {
  if (error instanceof Refused && error.ids.includes(staleId)) return { kind: 'stale' }
  if (goneWords.test(error.message)) return { kind: 'unseen' }
  return { kind: 'refused', columns: [], message: error.message }
}

const unclear = () => toUnanswered('the request failed without a word about this row')

function toUnansweredBy(error: unknown): WorkbooksAnswer {
  return { kind: 'unanswered', error: error instanceof Error ? error : new Error(String(error)) }
}
