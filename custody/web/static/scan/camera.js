// The camera: a dialog that shows the picture, decodes it frame by frame, and delivers what it believes.

import { keep, recall } from "../keep.js";
import { word } from "../words.js";
import { judge } from "./belief.js";
import { drawn } from "./canvas.js";
import { decoder, giveUp } from "./decoder.js";
import { show, wait } from "./status.js";

const KEPT = "camera";
const dialog = document.getElementById("camera");
const video = dialog?.querySelector("video");
const picker = dialog?.querySelector("[data-cameras]");
const torch = dialog?.querySelector("[data-torch]");

let session = 0;

const track = () => video.srcObject?.getVideoTracks()[0];

function stop() {
  session += 1;
  for (const each of video.srcObject?.getTracks() ?? []) each.stop();
  video.srcObject = null;
}

function wanted(which) {
  return { video: { ...which, width: { ideal: 1920 }, height: { ideal: 1080 }, advanced: [{ focusMode: "continuous" }] } };
}

/** Open the camera chosen before, if it is still there, else the one that looks away from the person. */
async function openCamera() {
  const kept = recall(KEPT);
  const open = (which) => navigator.mediaDevices.getUserMedia(wanted(which));
  if (!kept) return open({ facingMode: "environment" });
  try {
    return await open({ deviceId: { exact: kept } });
  } catch (error) {
    if (error.name !== "OverconstrainedError") throw error;
    keep(KEPT, null);
    return open({ facingMode: "environment" });
  }
}

async function drawPicker() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const cameras = devices.filter((device) => device.kind === "videoinput");
  const current = track()?.getSettings().deviceId;
  picker.replaceChildren(
    ...cameras.map(({ deviceId, label }, i) => new Option(label || String(i + 1), deviceId, false, deviceId === current)),
  );
  picker.closest("[data-pick]").hidden = cameras.length < 2;
}

function drawTorch() {
  torch.hidden = !track()?.getCapabilities?.().torch;
  torch.setAttribute("aria-pressed", "false");
}

const frame = () =>
  new Promise((resolve) =>
    "requestVideoFrameCallback" in video ? video.requestVideoFrameCallback(resolve) : requestAnimationFrame(resolve),
  );

const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function deliver({ text, symbology }) {
  const detail = { text, source: "camera", symbology };
  document.dispatchEvent(new CustomEvent("custody:scan", { detail }));
  if (!document.querySelector("[data-scan]")) dialog.close();
}

/** Decode until the dialog closes: one picture at a time, always the newest. */
async function watch(mine) {
  const believed = judge();
  while (session === mine) {
    await frame();
    if (session !== mine || !video.videoWidth) continue;
    const { read, pause_ms } = await decoder();
    const reads = await read(drawn(video, video.videoWidth, video.videoHeight)).catch(() => giveUp() ?? []);
    const found = session === mine && believed(reads, performance.now());
    if (found) deliver(found);
    if (pause_ms) await rest(pause_ms);
  }
}

async function run() {
  stop();
  const mine = session;
  const stream = await openCamera();
  if (session !== mine || !dialog.open) return stream.getTracks().forEach((each) => each.stop());
  video.srcObject = stream;
  await video.play();
  await drawPicker();
  drawTorch();
  await watch(mine);
}

async function open() {
  wait();
  dialog.showModal();
  try {
    await run();
  } catch (error) {
    if (!dialog.open) return;
    const reason = { NotAllowedError: "cameraForbidden", NotFoundError: "cameraMissing" }[error.name] ?? "cameraFailed";
    show("wrong", { text: word(reason), advice: word("cameraAdvice") });
  }
}

async function switchTorch() {
  const on = torch.getAttribute("aria-pressed") !== "true";
  await track().applyConstraints({ advanced: [{ torch: on }] });
  torch.setAttribute("aria-pressed", String(on));
}

const there = () => Boolean(dialog && navigator.mediaDevices?.getUserMedia);

/** Show the camera's buttons where there may be a camera. */
export function draw() {
  document.querySelectorAll("[data-camera]").forEach((button) => (button.hidden = !there()));
}

export function start() {
  draw();
  if (!there()) return;
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-camera]")) open();
    if (target.closest("[data-camera-close]")) dialog.close();
  });
  torch.addEventListener("click", switchTorch);
  picker.addEventListener("change", () => {
    keep(KEPT, picker.value);
    run().catch(() => show("wrong", { text: word("cameraFailed"), advice: word("cameraAdvice") }));
  });
  dialog.addEventListener("close", stop);
  document.addEventListener("custody:filled", () => dialog.close());
  document.addEventListener("visibilitychange", () => document.hidden && dialog.close());
}
