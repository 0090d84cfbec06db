/**
 * The elements of a JSON array as the texts that the sender wrote. `text` must be valid JSON and an
 * array: only strings, brackets and the array's own commas are looked at.
 */
export function splitArray(text: string): readonly string[] {
  const open = text.indexOf('[')
  const close = text.lastIndexOf(']')
  const inside = text.slice(open + 1, close)
  if (inside.trim() === '') return []

  const elements: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at < inside.length; at += 1) {
    const character = inside[at] ?? ''
    if (character === '"') at = endOfString(inside, at)
    else if (character === ',' && depth === 0) {
      elements.push(inside.slice(from, at).trim())
      from = at + 1
    } else depth += deepening[character] ?? 0
  }
  return [...elements, inside.slice(from).trim()]
}

const deepening: Readonly<Record<string, number>> = { '[': 1, '{': 1, ']': -1, '}': -1 }

function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at
  }
  return text.length
}
