// From numbers to places on paper, and the round numbers to write beside an axis.

/** A scale from [low, high] to [from, to], linear or logarithmic; `clamp`ed values stay on the paper. */
export function scale([low, high], [from, to], log = false) {
  const place = log ? Math.log10 : Number;
  const [a, b] = [place(low), place(high)];
  const span = b - a || 1;
  const at = (value) => from + ((place(value) - a) / span) * (to - from);
  at.clamp = (value) => (log && !(value > 0) ? from : at(Math.min(Math.max(value, low), high)));
  at.domain = [low, high];
  at.log = log;
  return at;
}

/** About `count` round numbers inside [low, high]. */
export function ticks([low, high], count = 4) {
  const rough = (high - low) / count;
  if (!(rough > 0) || !Number.isFinite(rough)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * power).find((size) => size >= rough * 0.999);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) found.push(i === 0 ? 0 : i * step);
  return found;
}

/** Powers of ten inside [low, high], at most about `count`. */
export function decades([low, high], count = 5) {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const step = Math.max(1, Math.ceil((last - first + 1) / count));
  const found = [];
  for (let power = last; power >= first; power -= step) found.unshift(10 ** power);
  return found;
}

/** [least, most] of the finite values, with a share of room at both ends; null where there are none. */
export function extent(values, room = 0) {
  const finite = values.filter((value) => value != null && Number.isFinite(value));
  if (!finite.length) return null;
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  const around = (high - low || Math.abs(high) || 1) * room;
  return [low - around, high + around];
}
