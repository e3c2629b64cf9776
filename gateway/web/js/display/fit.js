// How big numbers may be so that all of them fit, and how many fit where even the smallest are too
// many. Plain arithmetic.

/** Sizes are tried from the largest down, each so much smaller. */
const SMALLER = 0.96;

/**
 * For `count` tiles in an area of `width` by `height` pixels. A tile is `wide` times its font size in
 * width and `high` times in height; tiles lie `gap` times the font size apart. Gives `{ size, columns,
 * fits }`: the font size between `min` and `max`, how many lie side by side, and how many fit.
 */
export function fit({ count, width, height, wide, high, gap, min, max }) {
  let size = max;
  for (;;) {
    const columns = Math.max(1, along(width, wide, gap, size));
    const fits = columns * Math.max(0, along(height, high, gap, size));
    if (fits >= count || size <= min) return { size, columns, fits };
    size = Math.max(min, size * SMALLER);
  }
}

/** How many lie along a length. */
const along = (length, one, gap, size) => Math.floor((length / size + gap) / (one + gap));
