/**
 * The partition that Kafka's own clients choose for a key: murmur2 as in Java's
 * `org.apache.kafka.common.utils.Utils`, made positive, modulo the partitions. So other programs that
 * write our keys keep their order too.
 */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}

const SEED = 0x9747b28c
const M = 0x5bd1e995

function murmur2(bytes: Uint8Array): number {
  const byte = (at: number) => bytes[at] ?? 0
  const whole = bytes.length & ~3
  let h = SEED ^ bytes.length
  for (let at = 0; at < whole; at += 4) {
    let k = byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24)
    k = Math.imul(k, M)
    k = Math.imul(k ^ (k >>> 24), M)
    h = Math.imul(h, M) ^ k
  }
  if (whole < bytes.length) {
    h = Math.imul(h ^ byte(whole) ^ (byte(whole + 1) << 8) ^ (byte(whole + 2) << 16), M)
  }
  h = Math.imul(h ^ (h >>> 13), M)
  return h ^ (h >>> 15)
}
