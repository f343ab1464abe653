// Right and wrong without looking: two rising tones and a short touch, a low tone and a long touch; and a
// flash of the page's edge. Sound can be turned off for the night; it stays off on this device.

import { keep, recall } from "../keep.js";

const TONES = {
  right: { notes: [[880, 0], [1320, 0.11]], each_s: 0.12, shape: "sine", touch: [60] },
  wrong: { notes: [[196, 0], [147, 0.26]], each_s: 0.28, shape: "square", touch: [400, 80, 400] },
};
const LOUD = 0.18;
const FLASH_MS = 900;
const KEPT = "sound";

let audio;
let flash;

const silent = () => recall(KEPT) === "off";

function play({ notes, each_s, shape }) {
  audio ??= new AudioContext();
  audio.resume();
  for (const [hertz, after_s] of notes) {
    const at = audio.currentTime + after_s;
    const oscillator = new OscillatorNode(audio, { type: shape, frequency: hertz });
    const gain = new GainNode(audio, { gain: LOUD });
    gain.gain.setTargetAtTime(0, at + each_s * 0.6, each_s / 8);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(at);
    oscillator.stop(at + each_s);
  }
}

/** Give one of the two signals. */
export function tone(name) {
  clearTimeout(flash);
  document.documentElement.dataset.verdict = name;
  flash = setTimeout(() => delete document.documentElement.dataset.verdict, FLASH_MS);
  if (!navigator.userActivation?.hasBeenActive) return; // browsers allow neither before the first touch or key
  navigator.vibrate?.(TONES[name].touch);
  if (!silent() && "AudioContext" in window) play(TONES[name]);
}

/** Show the buttons that turn the sound on and off. */
export function draw() {
  for (const button of document.querySelectorAll("[data-sound]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(!silent()));
  }
}

export function start() {
  draw();
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-sound]")) return;
    keep(KEPT, silent() ? "on" : "off");
    draw();
  });
}
