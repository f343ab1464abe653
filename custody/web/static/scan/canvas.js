// A picture of a video or a photo, at a size that reads well.

/** More costs time and reads no better; less than 1280 loses Code 128. The pictures are not made smaller than that. */
const LONGEST = 1920;

const canvas = document.createElement("canvas");

/** Draw a source of the given size on a canvas, smaller when it is huge. */
export function drawn(source, width, height) {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}
