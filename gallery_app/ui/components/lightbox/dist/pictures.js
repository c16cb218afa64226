// What the viewer has of the pictures: the list's items by position, and whole assets by uid; as
// many as are of use, the oldest go first.

import { get } from "gallery-core";

const KEPT_ITEMS = 400;
const KEPT_ASSETS = 60;

const shrink = (map, most) => { if (map.size > most) map.delete(map.keys().next().value); };

export class Pictures {
  /** @param source {total, at(position), and if it can, peek(position)} */
  constructor(source) {
    this.source = source;
    this.items = new Map();
    this.assets = new Map();
  }

  /** The item at a position, asked of the list when it must be; null past its ends. */
  async at(position) {
    if (position < 0 || position >= this.source.total) return null;
    const item = this.source.peek?.(position) ?? (await this.source.at(position));
    if (item) this.items.set(position, item);
    shrink(this.items, KEPT_ITEMS);
    return item;
  }

  /** The item at a position, if it was asked before. */
  held(position) {
    return this.items.get(position);
  }

  /** The item at a position, if it is here or the list has it at hand. */
  peek(position) {
    return this.items.get(position) ?? this.source.peek?.(position);
  }

  /** After the list changed: positions mean others now. */
  forgetPlaces() {
    this.items.clear();
  }

  /** The whole asset, fetched once while it is of use. */
  asset(uid, fresh = false) {
    if (fresh) this.assets.delete(uid);
    if (!this.assets.has(uid)) {
      const asked = get(`/assets/${uid}`);
      asked.then((asset) => { asked.known = asset; }, () => this.assets.delete(uid));
      this.assets.set(uid, asked);
      shrink(this.assets, KEPT_ASSETS);
    }
    return this.assets.get(uid);
  }

  /** The whole asset, if it is here already. */
  known(uid) {
    return this.assets.get(uid)?.known;
  }

  /** Takes over an asset as it is now. */
  put(asset) {
    const asked = Promise.resolve(asset);
    asked.known = asset;
    this.assets.set(asset.id, asked);
  }
}
