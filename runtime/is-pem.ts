import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'

export function isPrivateKey(pem: string): boolean {
  return isRead(() => createPrivateKey(pem))
}

export function isPublicKey(pem: string): boolean {
  // createPublicKey would take a private key as well, and somebody would have pasted the wrong one.
  return !pem.includes('PRIVATE KEY') && isRead(() => createPublicKey(pem))
}

export function isCertificate(pem: string): boolean {
  return isRead(() => new X509Certificate(pem))
}

function isRead(read: () => unknown): boolean {
  try {
    return read() !== undefined
  } catch {
    return false
  }
}
