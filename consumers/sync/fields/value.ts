/** A field's value in a form that can be compared and kept: blank is always null (rulebook 8). */
export type Value = string | number | boolean | null | readonly string[]

/** Whether two values of one system are the same value. */
export function sameValue(left: Value, right: Value): boolean {
  if (isList(left) || isList(right)) {
    const [one, two] = [isList(left) ? left : [], isList(right) ? right : []]
    return one.length === two.length && one.every((item, index) => item === two[index])
  }
  return left === right
}

export function isBlank(value: Value): boolean {
  return value === null || (isList(value) && value.length === 0)
}

export function isList(value: Value): value is readonly string[] {
  return Array.isArray(value)
}

/** Names and e-mails are equal if they are when trimmed, in NFC and with case ignored (rulebook 4). */
export function toMatchKey(text: string): string {
  return text.trim().normalize('NFC').toLowerCase().normalize('NFC')
}
