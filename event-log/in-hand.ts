/** Entries of one topic that a group holds, in their order. */
export type InHand = {
  /** Hands one out; the function says it is done and answers whether that was news. */
  readonly take: (offset: number) => () => boolean
  readonly count: () => number
  /** The lowest offset that is not done, of all handed out; undefined while nothing ever was. */
  readonly mark: () => number | undefined
}

/** Done in any order; the mark moves only over what is done without a gap. */
export function makeInHand(): InHand {
  let line: { readonly offset: number; isDone: boolean }[] = []
  let front = 0
  let count = 0
  let mark: number | undefined

  const advance = () => {
    for (let entry = line[front]; entry?.isDone === true; entry = line[front]) {
      front++
      // The next in line, not offset + 1: what retention took away in between is not waited for.
      mark = line[front]?.offset ?? entry.offset + 1
    }
    if (front < 1_024 || front * 2 < line.length) return
    line = line.slice(front)
    front = 0
  }

  return {
    take: (offset) => {
      const entry = { offset, isDone: false }
      line.push(entry)
      count++
      if (front === line.length - 1) mark = offset
      return () => {
        if (entry.isDone) return false
        entry.isDone = true
        count--
        advance()
        return true
      }
    },
    count: () => count,
    mark: () => mark,
  }
}
