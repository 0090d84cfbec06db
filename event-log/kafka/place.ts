/** A partition as the broker knows it: its topic has the prefix in front. */
export type Place = { readonly topic: string; readonly partition: number }

export type PlacedOffset = Place & { readonly offset: number }
