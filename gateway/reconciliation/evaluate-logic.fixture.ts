/** Whether a filter expression over 1-based numbers holds, by what each filter says (workbooks-api 3.3). */
export function evaluateLogic(logic: string, holds: (filter: number) => boolean): boolean {
  const words = logic.match(/\d+|AND|OR|[()]/g) ?? []
  let at = 0

  function readTerm(): boolean {
    const word = words[at]
    at += 1
    if (word !== '(') return holds(Number(word))
    const value = readSum()
    at += 1
    return value
  }
  function readProduct(): boolean {
    let value = readTerm()
    while (words[at] === 'AND') {
      at += 1
      const other = readTerm()
      value = value && other
    }
    return value
  }
  function readSum(): boolean {
    let value = readProduct()
    while (words[at] === 'OR') {
      at += 1
      const other = readProduct()
      value = value || other
    }
    return value
  }
  return readSum()
}
