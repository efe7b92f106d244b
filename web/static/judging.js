// One pair at a time and one key a verdict. Without this file all pairs stand below each other, with buttons.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const desk = document.querySelector("[data-judging]");
  if (!desk || !window.htmx) {
    // Buttons still post; what JavaScript hides must be seen then.
    if (desk) document.documentElement.classList.remove("js");
    return;
  }
  const done = desk.querySelector("[data-done]");
  const help = document.getElementById("judging-help");
  const progress = document.getElementById("judging-progress");
  const keys = document.getElementById("judging-keys");
  const total = Number(desk.dataset.total);
  const skipped = new Set();
  const made = []; // The pairs judged in this session, the last one at the end.
  const atHand = 2; // So many open pairs are kept ready behind the present one, while there are more.
  let waiting = false; // The next pair was asked for before it came.
  let isSending = false; // A verdict is on its way; what is pressed meanwhile is done once it was kept.
  const pressed = [];

  // A queue gets more pairs while it is worked on.
  const steps = () => [...desk.querySelectorAll(".judging-step")];
  const pairs = () => [...desk.querySelectorAll("[data-pair]")];
  const more = () => desk.querySelector("[data-more]");
  const current = () => desk.querySelector(".judging-step.current");
  const isJudged = (pair) => Boolean(pair.querySelector("[data-judged]"));
  const isOpen = (pair) => !isJudged(pair) && !skipped.has(pair);

  function show(step) {
    waiting = !step;
    if (step) {
      steps().forEach((each) => each.classList.toggle("current", each === step));
      history.replaceState(history.state, "", step.id ? `#${step.id}` : location.pathname + location.search);
      window.scrollTo(0, 0);
      step.querySelector("h2").focus({ preventScroll: true });
    }
    fetchMore();
  }

  function fetchMore() {
    const place = more();
    if (!place || place.dataset.asked || pairs().filter(isOpen).length > atHand) return;
    place.dataset.asked = "yes";
    htmx.trigger(place, "more");
  }

  function tell(words) {
    const count = `已评 ${pairs().filter(isJudged).length} / ${total || pairs().length}`;
    progress.textContent = words ? `${words}。${count}` : count;
  }

  // Nothing while the next pairs are on their way.
  function nextOpen(from) {
    const all = pairs();
    const after = all.slice(all.indexOf(from) + 1);
    return after.find(isOpen) || (more() ? null : all.find(isOpen) || done);
  }

  function move(by) {
    const all = steps();
    const step = all[all.indexOf(current()) + by];
    if (step) show(step === done && more() ? null : step);
  }

  const actions = {
    next: () => move(1),
    previous: () => move(-1),
    skip: () => {
      if (current() === done) return;
      skipped.add(current());
      show(nextOpen(current()));
      tell("已跳过");
    },
    undo: () => {
      const pair = made.pop();
      const button = pair && pair.querySelector("[data-undo]");
      if (!button) { tell("这次还没有可以撤销的评判"); return; }
      show(pair);
      button.click();
    },
    help: () => help.showModal(),
  };
  function act(name) {
    pressed.push(name);
    doPressed();
  }

  function doPressed() {
    while (!isSending && pressed.length) actions[pressed.shift()]();
  }

  function goOn() {
    isSending = false;
    doPressed();
  }
  const actionOfKey = { j: "next", k: "previous", s: "skip", u: "undo", "?": "help" };

  desk.querySelector("[data-tools]").hidden = false;
  desk.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) act(button.dataset.do);
  });

  // Single keys can be switched off (WCAG 2.1.4): speech input and shaky hands press them by mistake.
  keys.checked = localStorage.getItem("judging-keys") !== "off";
  keys.addEventListener("change", () => localStorage.setItem("judging-keys", keys.checked ? "on" : "off"));

  document.addEventListener("keydown", (event) => {
    if (!keys.checked || help.open || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const button = current().querySelector(`button[name=level][value="${event.key}"]`);
    if (!button && !(event.key in actionOfKey)) return;
    event.preventDefault();
    if (button) button.click();
    else act(actionOfKey[event.key]);
  });

  desk.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target.matches(".judging-state")) isSending = true;
  });

  // A verdict leads on to the next pair, one taken back stays for another one. Only once it has settled are the new
  // buttons htmx's own: one pressed earlier would load the whole page.
  desk.addEventListener("htmx:afterSettle", (event) => {
    const place = event.detail.target;
    if (!place.matches(".judging-state")) {
      if (waiting) show(nextOpen(current()));
      return;
    }
    const pair = place.closest("[data-pair]");
    const at = made.indexOf(pair);
    if (at >= 0) made.splice(at, 1);
    const told = pair.querySelector("[data-told]").textContent;
    const wasUndone = event.detail.pathInfo.requestPath.split("?")[0].endsWith("/undo");
    if (!wasUndone) {
      made.push(pair);
      skipped.delete(pair);
    }
    show(wasUndone ? pair : nextOpen(pair));
    tell(told);
    goOn();
  });
  // Pairs that did not come may be asked for again.
  for (const name of ["htmx:responseError", "htmx:sendError"]) {
    desk.addEventListener(name, () => {
      if (more()) delete more().dataset.asked;
      goOn();
    });
  }

  const asked = location.hash && pairs().find((pair) => `#${pair.id}` === location.hash);
  if (asked) show(asked);
  else fetchMore();
});
