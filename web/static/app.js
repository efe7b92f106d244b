// What pages do beyond reading and posting. Everything here is an extra: without it, links and forms still work.
"use strict";

document.documentElement.classList.add("js");

// A form is sent once: its buttons rest until the answer comes (or the page is shown again from the history).
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }), 0);
});
window.addEventListener("pageshow", (event) => event.persisted && releaseForms());

document.addEventListener("htmx:afterRequest", releaseForms);

function releaseForms() {
  document.querySelectorAll("form[data-sent]").forEach(releaseForm);
}

function releaseForm(form) {
  delete form.dataset.sent;
  form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
}

// Filters that say nothing stay out of the address.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") return;
  for (const [name, value] of Object.entries(event.detail.parameters)) {
    if (value === "") delete event.detail.parameters[name];
  }
});

// A filter acts when it is chosen; in the drawer of a narrow screen several are chosen first.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form && !document.querySelector(".offcanvas-lg.show")) form.requestSubmit();
});
document.addEventListener("htmx:beforeRequest", () => {
  const drawer = document.querySelector(".offcanvas-lg.show");
  if (drawer) bootstrap.Offcanvas.getInstance(drawer).hide();
});

// After a list was exchanged, reading goes on at its first line, or at the first one that was added.
let rowsBefore = 0;
document.addEventListener("htmx:beforeRequest", (event) => {
  rowsBefore = event.target.closest("[data-more]") ? document.querySelectorAll(".match-list > li").length : 0;
});
document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement && document.activeElement !== document.body) return;
  const row = rowsBefore && document.querySelectorAll(".match-list > li")[rowsBefore];
  const added = row && row.querySelector("a");
  const start = added || document.querySelector("[data-swap-focus]");
  if (start) start.focus();
});

// A server that answers with an error, or not at all, is told about where messages stand.
const advice = {
  "htmx:responseError": "这次操作没有成功，请刷新页面后再试。",
  "htmx:sendError": "服务没有响应，请检查网络或稍后再试。您填写的内容还在页面上。",
  "htmx:timeout": "服务太久没有响应，请稍后再试。",
};
for (const [name, text] of Object.entries(advice)) {
  document.addEventListener(name, (event) => {
    const message = document.createElement("div");
    message.className = "alert alert-danger";
    message.textContent = text;
    const messages = document.getElementById("messages");
    messages.replaceChildren(message);
    messages.scrollIntoView({ block: "nearest" });
  });
}

document.addEventListener("DOMContentLoaded", () => {
  // Errors are read first.
  const summary = document.getElementById("error-summary");
  if (summary) summary.focus();
});
