// Starts everything that runs in a page. Each part works by itself, and each page works without any.

import * as clock from "./clock.js";
import * as draft from "./draft.js";
import * as badge from "./scan/badge.js";
import * as camera from "./scan/camera.js";
import * as fields from "./scan/fields.js";
import * as go from "./scan/go.js";
import * as photo from "./scan/photo.js";
import * as scanner from "./scan/scanner.js";
import * as signal from "./scan/signal.js";
import * as status from "./scan/status.js";
import * as wedge from "./scan/wedge.js";
import * as live from "./live.js";
import * as lock from "./lock.js";
import * as said from "./said.js";
import * as shown from "./shown.js";
import * as submit from "./submit.js";
import * as timers from "./timers.js";
import * as usb from "./usb.js";

/** Show a form's answer that is no other page: the same form with what is wrong, all values kept. */
function redraw(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector("main");
  if (!main) throw new Error("an answer without a main part");
  document.querySelector("main").replaceWith(document.adoptNode(main));
  document.title = page.title;
  fields.draw();
  for (const part of [camera, photo, signal, shown]) part.draw();
  timers.tick();
  window.htmx?.process(main);
  scrollTo(0, 0);
  (main.querySelector("[data-errors], [data-told]") ?? main).focus();
}

const parts = [clock, signal, status, wedge, badge, scanner, camera, photo, timers, live, said, shown, usb, lock];
for (const part of parts) part.start();
submit.start(redraw);
draft.start(); // before the fields are drawn from what stands in them
if (document.querySelector("meta[name=csrf-token]")) {
  fields.start();
  go.start();
}
