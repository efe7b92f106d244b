// Reasons open and close in place under their row. Without this file the link leads to their page.
"use strict";

function panelOf(link) {
  return document.getElementById(link.dataset.reasons);
}

function show(link, open) {
  panelOf(link).hidden = !open;
  link.setAttribute("aria-expanded", String(open));
  link.textContent = open ? "收起理由" : "查看理由";
}

// With htmx there, the link works as a button that opens and closes something.
function dress(root) {
  root.querySelectorAll("a[data-reasons]:not([role])").forEach((link) => {
    link.setAttribute("role", "button");
    link.setAttribute("aria-expanded", "false");
    link.setAttribute("aria-controls", link.dataset.reasons);
  });
}

document.addEventListener("DOMContentLoaded", () => window.htmx && dress(document));
document.addEventListener("htmx:load", (event) => dress(event.detail.elt));

document.addEventListener("keydown", (event) => {
  if (event.key !== " " || !event.target.matches("a[data-reasons][role]")) return;
  event.preventDefault();
  event.target.click();
});

// What was fetched once is only shown or hidden afterwards.
document.addEventListener("htmx:beforeRequest", (event) => {
  const link = event.detail.elt;
  if (!link.matches("a[data-reasons]") || !panelOf(link).hasChildNodes()) return;
  event.preventDefault();
  show(link, panelOf(link).hidden);
});

document.addEventListener("htmx:afterSwap", (event) => {
  const target = event.detail.target;
  if (target.matches(".match-reasons")) show(document.querySelector(`a[data-reasons="${target.id}"]`), true);
  // The pressed button was exchanged for a new one: the keyboard stays there.
  if (target.matches("[data-verdicts]")) target.querySelector("[aria-pressed=true]").focus();
});
