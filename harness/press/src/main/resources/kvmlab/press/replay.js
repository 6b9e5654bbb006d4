// SPDX-License-Identifier: MIT
(() => {
  "use strict";
  const stops = JSON.parse(document.getElementById("stops").textContent);
  const main = document.querySelector("main");
  const player = document.querySelector(".player");
  const slider = player.querySelector("input");
  const now = document.getElementById("now");
  const cells = [...document.querySelectorAll(".state tr")];
  const steps = [...document.querySelectorAll("[data-step]")];
  const button = id => document.getElementById(id);
  const last = stops.length - 1;
  let at = last;

  // A switch is a stop whose task is another than that of the stop before.
  const switches = (i, by) => {
    for (i += by; i > 0 && i < last; i += by) {
      if (stops[i].task !== stops[i - 1].task) return i;
    }
    return by < 0 ? 0 : last;
  };

  const go = (to, moved = true) => {
    at = Math.max(0, Math.min(last, to));
    const stop = stops[at];
    slider.value = at;
    now.textContent = `Step ${at} of ${last}. ${stop.line}`;
    if (stop.place) {
      const place = document.createElement(stop.link ? "a" : "span");
      if (stop.link) place.href = stop.link;
      place.textContent = stop.place;
      now.append(" ", place);
    }
    cells.forEach((row, i) => {
      row.lastElementChild.textContent = stop.state[i];
      row.classList.toggle("changed", stop.changed.includes(i));
    });
    steps.forEach(step => {
      const number = Number(step.dataset.step) + 1;
      step.classList.toggle("here", number === at);
      step.classList.toggle("later", number > at);
    });
    for (const id of ["first", "back", "back-switch"]) button(id).disabled = at === 0;
    button("last").disabled = at === last;
    if (!moved) return;
    const here = steps.find(step => step.classList.contains("here") && step.getClientRects().length);
    here?.scrollIntoView({ block: "nearest" });
  };

  const moves = {
    first: () => go(0),
    back: () => go(at - 1),
    // From the end, where the page opens, on to the start.
    next: () => go(at === last ? 0 : at + 1),
    last: () => go(last),
    "back-switch": () => go(switches(at, -1)),
    "next-switch": () => go(at === last ? 0 : switches(at, 1)),
  };
  for (const [id, move] of Object.entries(moves)) button(id).addEventListener("click", move);
  slider.addEventListener("input", () => go(Number(slider.value)));
  steps.forEach(step =>
    step.addEventListener("click", () => go(Number(step.dataset.step) + 1)));
  const keys = {
    ArrowRight: "next", ArrowDown: "next", n: "next", " ": "next",
    ArrowLeft: "back", ArrowUp: "back", p: "back",
    s: "next-switch", S: "back-switch", Home: "first", End: "last",
  };
  document.addEventListener("keydown", event => {
    const move = keys[event.key];
    const busy = event.target.closest("input, button, a, summary");
    if (!move || event.ctrlKey || event.metaKey || event.altKey || (busy && event.key.length > 1) ||
        (busy && event.key === " ")) return;
    event.preventDefault();
    moves[move]();
  });
  player.hidden = false;
  main.classList.add("walking");
  go(last, false);
})();
